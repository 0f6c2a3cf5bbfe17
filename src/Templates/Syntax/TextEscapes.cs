using System.Globalization;
using System.Text;
using Grainflow.Engine.Values;

namespace Grainflow.Templates.Syntax;

/// <summary>Python's escapes in text literals; one that Python does not know stays as it is.</summary>
internal static class TextEscapes
{
    /// <summary>Reads the escape that starts with the backslash at <paramref name="at"/> and answers the position behind it.</summary>
    public static int Read(string source, int at, StringBuilder into, int line)
    {
        if (at + 1 >= source.Length) throw TemplateErrors.Syntax("unexpected end of template", line);
        var c = source[at + 1];
        switch (c)
        {
            case '\n': return at + 2;
            case 'x': return Hex(source, at, 2, into, line);
            case 'u': return Hex(source, at, 4, into, line);
            case 'U': return Hex(source, at, 8, into, line);
            case 'N': throw TemplateErrors.Syntax("characters by name are not supported", line);
            case >= '0' and <= '7': return Octal(source, at, into);
        }

        var plain = c switch
        {
            '\\' => '\\',
            '\'' => '\'',
            '"' => '"',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'v' => '\v',
            _ => '\0',
        };
        if (plain != '\0') into.Append(plain);
        else return Unknown(source, at + 1, into);
        return at + 2;
    }

    // Jinja writes what is not ASCII as an escape before it resolves escapes, so that behind a backslash the escape itself appears.
    private static int Unknown(string source, int at, StringBuilder into)
    {
        var c = PythonCharacters.At(source, at, out var length);
        if (c < 0x80) into.Append('\\').Append((char)c);
        else PythonText.AppendEscape(into, c);
        return at + length;
    }

    private static int Octal(string source, int at, StringBuilder into)
    {
        var end = at + 1;
        var value = 0;
        while (end < source.Length && end < at + 4 && source[end] is >= '0' and <= '7') value = (value * 8) + (source[end++] - '0');
        into.Append((char)value);
        return end;
    }

    private static int Hex(string source, int at, int length, StringBuilder into, int line)
    {
        var start = at + 2;
        if (start + length > source.Length
            || !uint.TryParse(source.AsSpan(start, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value > 0x10FFFF)
            throw TemplateErrors.Syntax($"truncated \\{source[at + 1]} escape", line);
        if (value > 0xFFFF) into.Append(char.ConvertFromUtf32((int)value));
        else into.Append((char)value);
        return start + length;
    }
}
