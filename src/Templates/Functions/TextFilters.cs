using System.Net;
using System.Text;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Filters on texts and HTML.</summary>
internal static class TextFilters
{
    private const string WordStarts = "-({[<";

    public static readonly (string Name, Function Function)[] All =
    [
        ("upper", new("", (_, value, _) => Texts.Change(value, Texts.Upper))),
        ("lower", new("", (_, value, _) => Texts.Change(value, Texts.Lower))),
        ("capitalize", new("", (_, value, _) => Texts.Change(value, Texts.Capitalize))),
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
        return WebUtility.HtmlDecode(string.Join(' ', PythonSpace.Words(builder.ToString())));
    }

    public static string Trim(string text, string? chars, bool start, bool end)
    {
        var (from, to) = (0, text.Length);
        bool Drops(char c) => chars is null ? PythonSpace.Is(c) : chars.Contains(c, StringComparison.Ordinal);
        while (start && from < to && Drops(text[from])) from++;
        while (end && to > from && Drops(text[to - 1])) to--;
        return text[from..to];
    }

    private static object TrimText(object value, string? chars) => Texts.Change(value, text => Trim(text, chars, start: true, end: true));

    private static object Center(object value, int width) => Texts.Change(value, text => Texts.Pad(text, width, " ", 0));

    private static string Title(string text)
    {
        var builder = new StringBuilder(text.Length);
        var starts = true;
        foreach (var c in text)
        {
            builder.Append(starts ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            starts = PythonSpace.Is(c) || WordStarts.Contains(c, StringComparison.Ordinal);
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

    private static int WordCount(string text)
    {
        var count = 0;
        var inside = false;
        foreach (var rune in text.EnumerateRunes())
        {
            var isWord = Rune.IsLetterOrDigit(rune) || rune.Value == '_';
            if (isWord && !inside) count++;
            inside = isWord;
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
                : throw Failures.Value("not enough values to unpack (expected 2)"));
        return string.Join('&', pairs.Select(pair => $"{Quote(Printer.Text(pair.Item1), query: true)}={Quote(Printer.Text(pair.Item2), query: true)}"));
    }

    private static string Quote(string text, bool query)
    {
        var quoted = Uri.EscapeDataString(text);
        return query ? quoted.Replace("%20", "+", StringComparison.Ordinal) : quoted.Replace("%2F", "/", StringComparison.Ordinal);
    }
}
