using System.Net;
using System.Text;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Methods that change texts or tell what they are made of. On markup they give markup, and what they put in is escaped.</summary>
internal static class TextMethods
{
    public static readonly (string Name, Function Function)[] All =
    [
        ("upper", Change("", (text, _) => Texts.Upper(text))),
        ("lower", Change("", (text, _) => Texts.Lower(text))),
        ("casefold", Change("", (text, _) => Texts.Lower(text))),
        ("capitalize", Change("", (text, _) => Texts.Capitalize(text))),
        ("title", Change("", (text, _) => Title(text))),
        ("swapcase", Change("", (text, _) => string.Concat(text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c))))),
        ("strip", Change("chars?", (text, args) => TextFilters.Trim(text, args.Text(0), start: true, end: true))),
        ("lstrip", Change("chars?", (text, args) => TextFilters.Trim(text, args.Text(0), start: true, end: false))),
        ("rstrip", Change("chars?", (text, args) => TextFilters.Trim(text, args.Text(0), start: false, end: true))),
        ("removeprefix", Change("prefix", (text, args) => args.Text(0) is { } prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text)),
        ("removesuffix", Change("suffix", (text, args) => args.Text(0) is { } suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text)),
        ("expandtabs", Change("tabsize?", (text, args) => ExpandTabs(text, args.Index(0, 8)))),
        ("zfill", Change("width", (text, args) => FillZeros(text, args.Index(0, 0)))),
        ("center", Pad(0)),
        ("ljust", Pad(-1)),
        ("rjust", Pad(1)),
        ("replace", new("old new count?", Replace)),
        ("join", new("iterable", (state, value, args) => Join(state, value, args.Given(0)))),
        ("format", new("*", (_, value, args) => BraceFormat.Apply(value, args.Raw.Positional, args.Raw.FindNamed))),
        ("format_map", new("mapping", (_, value, args) => BraceFormat.Apply(value, [], name => args.Given(0) is DictValue dict ? dict.GetValueOrDefault(name) : null))),
        ("isalpha", Every(char.IsLetter)),
        ("isalnum", Every(char.IsLetterOrDigit)),
        ("isdigit", Every(char.IsDigit)),
        ("isdecimal", Every(char.IsDigit)),
        ("isnumeric", Every(char.IsNumber)),
        ("isspace", Every(PythonSpace.Is)),
        ("isascii", new("", (_, value, _) => Texts.Require(value).All(char.IsAscii))),
        ("isprintable", new("", (_, value, _) => Texts.Require(value).All(c => c == ' ' || !(char.IsControl(c) || char.IsWhiteSpace(c))))),
        ("isidentifier", new("", (_, value, _) => IsIdentifier(Texts.Require(value)))),
        ("islower", new("", (_, value, _) => IsCased(Texts.Require(value), char.IsLower, char.IsUpper))),
        ("isupper", new("", (_, value, _) => IsCased(Texts.Require(value), char.IsUpper, char.IsLower))),
        ("istitle", new("", (_, value, _) => Texts.Require(value) is var text && text.Any(char.IsLetter) && Title(text) == text)),
    ];

    public static readonly (string Name, Function Function)[] OfMarkup =
    [
        ("striptags", new("", (state, value, _) => TextFilters.StripTags(state, Texts.Require(value)))),
        ("unescape", new("", (_, value, _) => WebUtility.HtmlDecode(Texts.Require(value)))),
    ];

    /// <summary>At least one character of the one case and none of the other.</summary>
    public static bool IsCased(string text, Func<char, bool> wanted, Func<char, bool> unwanted) => text.Any(wanted) && !text.Any(unwanted);

    private static Function Change(string signature, Func<string, Bound, string> change) =>
        new(signature, (_, value, args) => Texts.Change(value, text => change(text, args)));

    private static Function Every(Func<char, bool> holds) => new("", (_, value, _) => Texts.Require(value) is { Length: > 0 } text && text.All(holds));

    private static Function Pad(int side) => new("width fillchar?", (_, value, args) =>
    {
        var fill = args[1] is { } given ? value is Markup ? Markup.Escape(given).Text : Texts.Require(given) : " ";
        return Texts.Change(value, text => Texts.Pad(text, args.Index(0, 0), fill, side));
    });

    private static object Replace(RenderState state, object value, Bound args)
    {
        var by = value is Markup ? Markup.Escape(args.Given(1)).Text : Texts.Require(args.Given(1));
        return Texts.Change(value, text => Texts.Replace(text, Texts.Require(args.Given(0)), by, args.Index(2, -1)));
    }

    private static object Join(RenderState state, object value, object items)
    {
        var parts = Iteration.ToList(state, items);
        for (var i = 0; i < parts.Count; i++)
            if (parts[i] is not (string or Markup)) throw Failures.Type($"sequence item {i}: expected str instance, {TypeNames.Of(parts[i])} found");
        return Texts.Join(state, value, parts, escape: false);
    }

    private static string Title(string text)
    {
        var builder = new StringBuilder(text.Length);
        var inside = false;
        foreach (var c in text)
        {
            builder.Append(inside ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inside = char.IsLetter(c);
        }

        return builder.ToString();
    }

    private static string FillZeros(string text, int width)
    {
        var missing = width - CodePoints.Count(text);
        if (missing <= 0) return text;
        RenderState.CheckText(width);
        var sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        return text[..sign] + new string('0', missing) + text[sign..];
    }

    private static string ExpandTabs(string text, int size)
    {
        RenderState.CheckText(text.Length + ((long)text.Count(c => c == '\t') * Math.Max(size, 0)));
        var builder = new StringBuilder();
        var column = 0;
        foreach (var c in text)
        {
            if (c != '\t')
            {
                builder.Append(c);
                column = c is '\n' or '\r' ? 0 : column + 1;
                continue;
            }

            var spaces = size > 0 ? size - (column % size) : 0;
            builder.Append(' ', spaces);
            column += spaces;
        }

        return builder.ToString();
    }

    private static bool IsIdentifier(string text) =>
        text.Length > 0 && (char.IsLetter(text[0]) || text[0] == '_') && text.All(c => char.IsLetterOrDigit(c) || c == '_');
}
