using System.Text;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>What filters and methods on texts share.</summary>
internal static class Texts
{
    /// <summary>The text of a value that must be one.</summary>
    public static string Require(object value) => value switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined undefined => throw undefined.Failure(),
        _ => throw TemplateErrors.Type($"must be str, not {TypeNames.Of(value)}"),
    };

    /// <summary>Texts and markup as they are, everything else printed.</summary>
    public static object Soft(object value) => value is string or Markup ? value : Printer.Text(value);

    /// <summary>The same change to a text or to the text of markup.</summary>
    public static object Change(object value, Func<string, string> change) =>
        Soft(value) is Markup markup ? new Markup(change(markup.Text)) : change(Printer.Text(value));

    /// <summary>Replaces up to <paramref name="limit"/> occurrences; an empty part stands between all characters.</summary>
    public static string Replace(string text, string part, string by, int limit)
    {
        if (limit < 0) limit = int.MaxValue;
        if (part.Length == 0) return Interleave(text, by, limit);
        var found = Occurrences(text, part, limit);
        if (found == 0) return text;
        RenderState.CheckText(text.Length + ((long)found * (by.Length - part.Length)));
        var builder = new StringBuilder(text.Length);
        var from = 0;
        for (; found > 0; found--)
        {
            var at = text.IndexOf(part, from, StringComparison.Ordinal);
            builder.Append(text, from, at - from).Append(by);
            from = at + part.Length;
        }

        return builder.Append(text, from, text.Length - from).ToString();
    }

    public static int Occurrences(string text, string part, int limit = int.MaxValue)
    {
        if (part.Length == 0) return CodePoints.Count(text) + 1;
        var count = 0;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0 && count < limit; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal)) count++;
        return count;
    }

    /// <summary>Pads to a width: -1 puts the text left, 0 in the middle, 1 right.</summary>
    public static string Pad(string text, int width, string fill, int side)
    {
        if (CodePoints.Count(fill) != 1) throw TemplateErrors.Type("The fill character must be exactly one character long");
        var missing = width - CodePoints.Count(text);
        if (missing <= 0) return text;
        RenderState.CheckText(text.Length + ((long)missing * fill.Length));
        var left = side switch { < 0 => 0, > 0 => missing, _ => (missing / 2) + (missing & width & 1) };
        return Times(fill, left) + text + Times(fill, missing - left);
    }

    public static string Times(string text, int count) => count <= 0 ? "" : string.Concat(Enumerable.Repeat(text, count));

    /// <summary>Joins texts; the whole is markup when one part or the separator is, and the others are escaped then.</summary>
    public static object Join(RenderState state, object separator, IEnumerable<object> items, bool escape)
    {
        var parts = items.ToList();
        var markup = separator is Markup || (escape && parts.Exists(part => part is Markup));
        var between = markup ? Markup.Escape(separator).Text : Printer.Text(separator);
        var builder = new StringBuilder();
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0) builder.Append(between);
            builder.Append(markup ? Markup.Escape(parts[i]).Text : Printer.Text(parts[i]));
            RenderState.CheckText(builder.Length);
        }

        state.Charge(builder.Length);
        return markup ? new Markup(builder.ToString()) : builder.ToString();
    }

    private static string Interleave(string text, string by, int limit)
    {
        RenderState.CheckText(text.Length + (Math.Min((long)limit, text.Length + 1) * by.Length));
        var builder = new StringBuilder();
        var done = 0;
        foreach (var character in CodePoints.Each(text))
        {
            if (done++ < limit) builder.Append(by);
            builder.Append((string)character);
        }

        return done < limit ? builder.Append(by).ToString() : builder.ToString();
    }
}
