namespace Grainflow.Templates.Syntax;

/// <summary>Finds the end of a number literal: decimal, <c>0x</c>, <c>0o</c>, <c>0b</c>, with underscores, with fraction or exponent.</summary>
internal static class NumberLexer
{
    public static int Read(string source, int start, out bool isFloat)
    {
        isFloat = false;
        if (source[start] == '0' && start + 1 < source.Length)
        {
            var radix = char.ToLowerInvariant(source[start + 1]);
            Func<char, bool>? digit = radix switch
            {
                'x' => char.IsAsciiHexDigit,
                'o' => c => c is >= '0' and <= '7',
                'b' => c => c is '0' or '1',
                _ => null,
            };
            if (digit is not null)
            {
                var end = Digits(source, start + 2, digit);
                if (end > start + 2) return end;
            }
        }

        var whole = Digits(source, start, char.IsAsciiDigit);
        var at = whole;
        if (at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1])) at = Digits(source, at + 1, char.IsAsciiDigit);
        var exponent = Exponent(source, at);
        isFloat = exponent > whole;
        if (isFloat || source[start] != '0') return exponent;

        // A whole number other than zero does not start with a zero.
        var zeros = start;
        while (zeros < whole && source[zeros] is '0' or '_') zeros++;
        return zeros;
    }

    private static int Exponent(string source, int at)
    {
        if (at >= source.Length || source[at] is not ('e' or 'E')) return at;
        var digits = at + 1;
        if (digits < source.Length && source[digits] is '+' or '-') digits++;
        var end = Digits(source, digits, char.IsAsciiDigit);
        return end > digits ? end : at;
    }

    private static int Digits(string source, int at, Func<char, bool> isDigit)
    {
        while (at < source.Length && (isDigit(source[at]) || (source[at] == '_' && at + 1 < source.Length && isDigit(source[at + 1])))) at++;
        return at;
    }
}
