using System.Net;
using System.Text;
using Grainflow.Engine.Values;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Filters on texts and HTML.</summary>
internal static class TextFilters
{
    private const string WordStarts = "-({[<";

    public static readonly (string Name, Function Function)[] All =
    [
        ("upper", new("", (_, value, _) => Texts.Change(value, PythonCase.Upper))),
        ("lower", new("", (_, value, _) => Texts.Change(value, PythonCase.Lower))),
        ("capitalize", new("", (_, value, _) => Texts.Change(value, PythonCase.Capitalize))),
        ("title", new("", (_, value, _) => Title(Printer.Text(value)))),
        ("trim", new("chars?", (_, value, args) => TrimText(value, args.Text(0)))),
        ("string", new("", (_, value, _) => Texts.Soft(value))),
        ("replace", new("old new count?", Replace)),
        ("center", new("width?", (_, value, args) => Center(value, args.Index(0, 80)))),
        ("wordcount", new("", (_, value, _) => (System.Numerics.BigInteger)WordCount(Printer.Text(value)))),
        ("escape", new("", (_, value, _) => Markup.Escape(value))),
        ("e", new("", (_, value, _) => Markup.Escape(value))),
        ("forceescape", new("", (_, value, _) => new Markup(Markup.EscapeText(Printer.Text(value))))),
        ("safe", new("", (_, value, _) => new Markup(Printer.Text(value)))),
        ("striptags", new("", (state, value, _) => StripTags(state, Printer.Text(value)))),
        ("urlencode", new("", UrlEncode)),
    ];

    /// <summary>Drops comments and tags, joins white space, resolves entities (markupsafe's <c>striptags</c>).</summary>
    public static string StripTags(RenderState state, string html)
    {
        for (var start = html.IndexOf("<!--", StringComparison.Ordinal); start >= 0; start = html.IndexOf("<!--", StringComparison.Ordinal))
        {
            // Dropping a comment can join a new one, so the search starts over, and counts as work.
            state.Charge(html.Length);
            var end = html.IndexOf("-->", start, StringComparison.Ordinal);
            if (end < 0) break;
            html = html.Remove(start, end + 3 - start);
        }

        var builder = new StringBuilder();
        var from = 0;
        while (html.IndexOf('<', from) is var open and >= 0 && html.IndexOf('>', open) is var close and >= 0)
        {
            builder.Append(html, from, open - from);
            from = close + 1;
        }

        builder.Append(html, from, html.Length - from);
        return WebUtility.HtmlDecode(string.Join(' ', TextParts.Words(builder.ToString())));
    }

    /// <summary>The text without what stands at its ends: white space, or the characters given.</summary>
    public static string Trim(string text, string? chars, bool start, bool end)
    {
        var (from, to) = (0, text.Length);
        if (chars is null)
        {
            while (start && from < to && PythonCharacters.IsSpace(text[from])) from++;
            while (end && to > from && PythonCharacters.IsSpace(text[to - 1])) to--;
            return text[from..to];
        }

        // A surrogate pair is one character, and its halves are none of others.
        while (start && from < to && Length(text, from) is var length && Contains(chars, text.AsSpan(from, length))) from += length;
        while (end && to > from && LengthBefore(text, to) is var length && to - length >= from && Contains(chars, text.AsSpan(to - length, length))) to -= length;
        return text[from..to];
    }

    private static bool Contains(string chars, ReadOnlySpan<char> character)
    {
        for (var i = 0; i < chars.Length;)
        {
            var length = Length(chars, i);
            if (chars.AsSpan(i, length).SequenceEqual(character)) return true;
            i += length;
        }

        return false;
    }

    private static int Length(string text, int at)
    {
        PythonCharacters.At(text, at, out var length);
        return length;
    }

    private static int LengthBefore(string text, int end) => end > 1 && char.IsSurrogatePair(text[end - 2], text[end - 1]) ? 2 : 1;

    private static object TrimText(object value, string? chars) => Texts.Change(value, text => Trim(text, chars, start: true, end: true));

    private static object Center(object value, int width) => Texts.Change(value, text => Texts.Pad(text, width, " ", 0));

    // Jinja's own title: what stands between white space, hyphens and opening brackets is a word, whatever it is made of.
    private static string Title(string text)
    {
        var builder = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            var end = i;
            while (end < text.Length && !PythonCharacters.IsSpace(text[end]) && !WordStarts.Contains(text[end], StringComparison.Ordinal)) end++;
            if (end == i)
            {
                builder.Append(text[i++]);
                continue;
            }

            var first = Length(text, i);
            builder.Append(PythonCase.Upper(text.Substring(i, first))).Append(PythonCase.Lower(text[(i + first)..end]));
            i = end;
        }

        return builder.ToString();
    }

    private static object Replace(RenderState state, object value, Bound args)
    {
        var (old, by) = (args.Given(0), args.Given(1));
        var limit = args.Index(2) ?? -1;
        if (!state.AutoEscape) return Texts.Replace(Printer.Text(value), Printer.Text(old), Printer.Text(by), limit);
        var text = old is Markup || (by is Markup && value is not Markup) ? Markup.Escape(value) : Texts.Soft(value);
        return text is Markup markup
            ? new Markup(Texts.Replace(markup.Text, Printer.Text(old), Markup.Escape(by).Text, limit))
            : Texts.Replace((string)text, Printer.Text(old), Printer.Text(by), limit);
    }

    // Runs of \w.
    private static int WordCount(string text)
    {
        var count = 0;
        var inside = false;
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            var isWord = c == '_' || PythonCharacters.IsAlphanumeric(c);
            if (isWord && !inside) count++;
            inside = isWord;
            i += length;
        }

        return count;
    }

    private static string UrlEncode(RenderState state, object value, Bound args)
    {
        if (value is not (DictValue or ListValue or TupleValue or ViewValue or IteratorValue)) return Quote(Printer.Text(value), query: false);
        var pairs = value is DictValue dict
            ? dict.Select(pair => (pair.Key, pair.Value))
            : Iteration.ToList(state, value).Select(item => Iteration.ToList(state, item) is [var key, var member]
                ? (key, member)
                : throw TemplateErrors.Value("not enough values to unpack (expected 2)"));
        return string.Join('&', pairs.Select(pair => $"{Quote(Printer.Text(pair.Item1), query: true)}={Quote(Printer.Text(pair.Item2), query: true)}"));
    }

    private static string Quote(string text, bool query)
    {
        var quoted = Uri.EscapeDataString(text);
        return query ? quoted.Replace("%20", "+", StringComparison.Ordinal) : quoted.Replace("%2F", "/", StringComparison.Ordinal);
    }
}
