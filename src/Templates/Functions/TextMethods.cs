using System.Net;
using System.Text;
using Grainflow.Engine.Values;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Methods that change texts or tell what they are made of. On markup they give markup, and what they put in is escaped.</summary>
internal static class TextMethods
{
    public static readonly (string Name, Function Function)[] All =
    [
        ("upper", Change("", (text, _) => PythonCase.Upper(text))),
        ("lower", Change("", (text, _) => PythonCase.Lower(text))),
        ("casefold", Change("", (text, _) => PythonCase.Fold(text))),
        ("capitalize", Change("", (text, _) => PythonCase.Capitalize(text))),
        ("title", Change("", (text, _) => PythonCase.Title(text))),
        ("swapcase", Change("", (text, _) => PythonCase.SwapCase(text))),
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
        ("isalpha", Every(PythonCharacters.IsAlpha)),
        ("isalnum", Every(PythonCharacters.IsAlphanumeric)),
        ("isdecimal", Every(c => PythonCharacters.DecimalValue(c) >= 0)),
        ("isdigit", Every(PythonCharacters.IsDigit)),
        ("isnumeric", Every(PythonCharacters.IsNumeric)),
        ("isspace", Every(c => c <= char.MaxValue && PythonCharacters.IsSpace((char)c))),
        ("isascii", Holds(text => Ascii.IsValid(text))),
        ("isprintable", Holds(text => CodePoints.All(text, PythonCharacters.IsPrintable))),
        ("isidentifier", Holds(IsIdentifier)),
        ("islower", Holds(PythonCase.IsLower)),
        ("isupper", Holds(PythonCase.IsUpper)),
        ("istitle", Holds(PythonCase.IsTitle)),
    ];

    public static readonly (string Name, Function Function)[] OfMarkup =
    [
        ("striptags", new("", (state, value, _) => TextFilters.StripTags(state, Texts.Require(value)))),
        ("unescape", new("", (_, value, _) => WebUtility.HtmlDecode(Texts.Require(value)))),
    ];

    private static Function Change(string signature, Func<string, Bound, string> change) =>
        new(signature, (_, value, args) => Texts.Change(value, text => change(text, args)));

    private static Function Holds(Func<string, bool> holds) => new("", (_, value, _) => holds(Texts.Require(value)));

    private static Function Every(Func<int, bool> holds) => Holds(text => text.Length > 0 && CodePoints.All(text, holds));

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
            if (parts[i] is not (string or Markup)) throw TemplateErrors.Type($"sequence item {i}: expected str instance, {TypeNames.Of(parts[i])} found");
        return Texts.Join(state, value, parts, escape: false);
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
            if (c == '\t')
            {
                var spaces = size > 0 ? size - (column % size) : 0;
                builder.Append(' ', spaces);
                column += spaces;
                continue;
            }

            builder.Append(c);
            // The second half of a surrogate pair takes no column.
            if (c is '\n' or '\r') column = 0;
            else if (!char.IsLowSurrogate(c)) column++;
        }

        return builder.ToString();
    }

    private static bool IsIdentifier(string text) =>
        text.Length > 0 && PythonCharacters.IsIdentifierStart(PythonCharacters.At(text, 0, out _)) && CodePoints.All(text, PythonCharacters.IsIdentifierPart);
}
