using System.Text;
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
        if (levels == 0) throw Failures.Value("Max string recursion exceeded");
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
                throw Failures.Value("Single '}' encountered in format string");
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

        throw Failures.Value("expected '}' before end of string");
    }

    private string Field(string field, int levels)
    {
        var colon = SpecStart(field);
        var spec = colon < 0 ? "" : Run(field[(colon + 1)..], levels - 1);
        var name = colon < 0 ? field : field[..colon];
        var conversion = '\0';
        if (name.LastIndexOf('!') is var mark and >= 0)
        {
            if (mark != name.Length - 2) throw Failures.Value("expected ':' after conversion specifier");
            conversion = name[^1];
            name = name[..mark];
        }

        var value = Value(name);
        value = conversion switch
        {
            '\0' => value,
            's' => Printer.Text(value),
            'r' or 'a' => Printer.Repr(value),
            _ => throw Failures.Value($"Unknown conversion specifier '{conversion}'"),
        };
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
        if (first.Length == 0) value = At(_next++);
        else if (first.All(char.IsAsciiDigit)) value = At(first.Length < 10 ? int.Parse(first) : int.MaxValue);
        else value = _named(first) ?? throw Failures.Lookup($"'{first}'");
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
            if (path[at] != '[' || close < 0) throw Failures.Value("Missing ']' in format string");
            var key = path[(at + 1)..close];
            value = Members.Item(value, key.Length is > 0 and < 10 && key.All(char.IsAsciiDigit) ? (object)(System.Numerics.BigInteger)int.Parse(key) : key);
            at = close + 1;
        }

        return value;
    }

    private object At(int place) =>
        place < _positional.Count ? _positional[place] : throw Failures.Lookup($"Replacement index {place} out of range for positional args tuple");
}
