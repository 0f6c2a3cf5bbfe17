using Grainflow.Engine.Values;

namespace Grainflow.Templates.Syntax;

/// <summary>
/// Finds number literals: decimal, <c>0x</c>, <c>0o</c>, <c>0b</c>, with underscores, with fraction or exponent. Behind the first digit of a whole
/// number digits of any script count, as in Jinja.
/// </summary>
internal static class NumberLexer
{
    /// <summary>True when a number starts there. One that starts with a digit of another script needs a fraction or an exponent.</summary>
    public static bool Starts(string source, int start)
    {
        if (char.IsAsciiDigit(source[start])) return true;
        var whole = Digits(source, start, IsDecimal);
        return whole > start && Float(source, whole) > whole;
    }

    /// <summary>The position behind the number.</summary>
    public static int Read(string source, int start, out bool isFloat)
    {
        isFloat = false;
        if (source[start] == '0' && start + 1 < source.Length)
        {
            Func<int, bool>? digit = source[start + 1] switch
            {
                'x' or 'X' => c => IsDecimal(c) || (c < 0x80 && char.IsAsciiHexDigit((char)c)),
                'o' or 'O' => c => c is >= '0' and <= '7',
                'b' or 'B' => c => c is '0' or '1',
                _ => null,
            };
            if (digit is not null)
            {
                // Behind the prefix the first digit may have one too.
                var digits = start + 2 < source.Length && source[start + 2] == '_' ? start + 3 : start + 2;
                var end = Digits(source, digits, digit);
                if (end > digits) return end;
            }
        }

        var whole = Digits(source, start, IsDecimal);
        // Behind a point there are indices: x.0.1 is x[0][1].
        var all = start > 0 && source[start - 1] == '.' ? whole : Float(source, whole);
        isFloat = all > whole;
        if (isFloat || source[start] != '0') return all;

        // A whole number other than zero does not start with a zero.
        return Digits(source, start, c => c == '0');
    }

    // The position behind a fraction and an exponent, each of which may be missing.
    private static int Float(string source, int whole)
    {
        var at = whole;
        if (at < source.Length && source[at] == '.') at = Digits(source, at + 1, IsDecimal) is var end && end > at + 1 ? end : whole;
        if (at >= source.Length || source[at] is not ('e' or 'E')) return at;
        var digits = at + 1;
        if (digits < source.Length && source[digits] is '+' or '-') digits++;
        return Digits(source, digits, IsDecimal) is var exponent && exponent > digits ? exponent : at;
    }

    // An underscore may stand before each digit but the first.
    private static int Digits(string source, int start, Func<int, bool> isDigit)
    {
        var at = start;
        while (at < source.Length)
        {
            var digit = source[at] == '_' && at > start ? at + 1 : at;
            if (digit >= source.Length || !isDigit(PythonCharacters.At(source, digit, out var length))) break;
            at = digit + length;
        }

        return at;
    }

    private static bool IsDecimal(int c) => PythonCharacters.DecimalValue(c) >= 0;
}
