using System.Numerics;
using System.Text;
using Grainflow.Engine.Values;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Python's <c>str.format</c>, with attributes under the rules of the sandbox. Markup escapes what it takes in.</summary>
internal sealed class BraceFormat
{
    private readonly IReadOnlyList<object> _positional;
    private readonly Func<string, object?> _named;
    private readonly bool _escape;
    private int _next;

    private BraceFormat(IReadOnlyList<object> positional, Func<string, object?> named, bool escape) => (_positional, _named, _escape) = (positional, named, escape);

    public static object Apply(object format, IReadOnlyList<object> positional, Func<string, object?> named)
    {
        var isMarkup = format is Markup;
        var text = new BraceFormat(positional, named, isMarkup).Run(Printer.Text(format), 2);
        return isMarkup ? new Markup(text) : text;
    }

    private string Run(string format, int levels)
    {
        if (levels == 0) throw TemplateErrors.Value("Max string recursion exceeded");
        var into = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            var c = format[at];
            var doubled = at + 1 < format.Length && format[at + 1] == c;
            if (c is '{' or '}' && doubled)
            {
                into.Append(c);
                at++;
            }
            else if (c == '{')
            {
                var end = End(format, at + 1);
                into.Append(Field(format[(at + 1)..end], levels));
                at = end;
            }
            else if (c == '}')
            {
                throw TemplateErrors.Value("Single '}' encountered in format string");
            }
            else
            {
                into.Append(c);
            }

            RenderState.CheckText(into.Length);
        }

        return into.ToString();
    }

    private static int End(string format, int at)
    {
        for (var depth = 1; at < format.Length; at++)
        {
            if (format[at] == '{') depth++;
            if (format[at] == '}' && --depth == 0) return at;
        }

        throw TemplateErrors.Value("expected '}' before end of string");
    }

    private string Field(string field, int levels)
    {
        var colon = SpecStart(field);
        var name = colon < 0 ? field : field[..colon];
        var conversion = '\0';
        if (name.LastIndexOf('!') is var mark and >= 0)
        {
            if (mark != name.Length - 2) throw TemplateErrors.Value("expected ':' after conversion specifier");
            conversion = name[^1];
            name = name[..mark];
        }

        // Before the fields inside the specification, which take the places behind it.
        var value = Value(name);
        value = conversion switch
        {
            '\0' => value,
            's' => Printer.Text(value),
            'r' => Printer.Repr(value),
            'a' => Printer.AsciiRepr(value),
            _ => throw TemplateErrors.Value($"Unknown conversion specifier '{conversion}'"),
        };
        var spec = colon < 0 ? "" : Run(field[(colon + 1)..], levels - 1);
        if (!_escape) return FormatSpec.Apply(value, spec);
        return value is Markup markup && spec.Length == 0 ? markup.Text : Markup.EscapeText(FormatSpec.Apply(value, spec));
    }

    private static int SpecStart(string field)
    {
        var brackets = 0;
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '[') brackets++;
            else if (field[i] == ']') brackets--;
            else if (field[i] == ':' && brackets <= 0) return i;
        }

        return -1;
    }

    // name(.attribute | [item])*
    private object Value(string path)
    {
        var end = path.AsSpan().IndexOfAny(".[");
        var first = end < 0 ? path : path[..end];
        object value;
        if (first.Length == 0) value = At(NextPlace());
        else if (Index(first) is { } place) value = At(GivenPlace(place));
        else value = _named(first) ?? throw TemplateErrors.Lookup($"'{first}'");
        var at = first.Length;
        while (at < path.Length)
        {
            if (path[at] == '.')
            {
                var stop = path.AsSpan(at + 1).IndexOfAny(".[") is var found and >= 0 ? at + 1 + found : path.Length;
                value = Members.Attribute(value, path[(at + 1)..stop]);
                at = stop;
                continue;
            }

            var close = path.IndexOf(']', at);
            if (path[at] != '[' || close < 0) throw TemplateErrors.Value("Missing ']' in format string");
            var key = path[(at + 1)..close];
            value = Members.Item(value, Index(key) is { } index ? (BigInteger)index : key);
            at = close + 1;
        }

        return value;
    }

    // Fields without a place take the next one; those with a place cannot stand beside them.
    private int NextPlace()
    {
        if (_next < 0) throw TemplateErrors.Value("cannot switch from manual field specification to automatic field numbering");
        return _next++;
    }

    private int GivenPlace(int place)
    {
        if (_next > 0) throw TemplateErrors.Value("cannot switch from manual field to automatic field numbering");
        _next = -1;
        return place;
    }

    // Decimal digits of any script; beyond 32 bits the place is outside every list.
    private static int? Index(string text)
    {
        if (text.Length == 0 || !CodePoints.All(text, c => PythonCharacters.DecimalValue(c) >= 0)) return null;
        return PythonNumber.TryParseWhole(text, 10, out var index) ? (int)BigInteger.Min(index, int.MaxValue) : int.MaxValue;
    }

    private object At(int place) =>
        place < _positional.Count ? _positional[place] : throw TemplateErrors.Lookup($"Replacement index {place} out of range for positional args tuple");
}
