using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Numbers as Python has them: whole numbers of any size, floats, and booleans as 0 and 1; and how it reads them from text.</summary>
public static class PythonNumber
{
    /// <summary>The most digits that a whole number is read from or printed with. It bounds the time, which grows with their square.</summary>
    public const int MaxDigits = 4300;

    private static readonly SearchValues<char> FloatCharacters = SearchValues.Create("+-.0123456789Ee");

    /// <summary>
    /// Reads what <c>float(text)</c> reads: white space around it, decimal digits of any script, <c>_</c> between digits, <c>inf</c>,
    /// <c>infinity</c> and <c>nan</c> in any case. Beyond the range of a float the value is an infinity.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="value">The number; 0 when the text is none.</param>
    public static bool TryParseFloat(string text, out double value)
    {
        value = 0;
        if (ToAscii(text) is not { Length: > 0 } ascii) return false;
        var unsigned = ascii[0] is '+' or '-' ? ascii[1..] : ascii;
        if (unsigned.Length == 0) return false;
        if (char.IsAsciiLetter(unsigned[0]))
        {
            if (Is(unsigned, "inf") || Is(unsigned, "infinity")) value = double.PositiveInfinity;
            else if (Is(unsigned, "nan")) value = double.NaN;
            else return false;
            if (ascii[0] == '-') value = -value;
            return true;
        }

        if (!TryDropUnderscores(ref ascii) || ascii.AsSpan().ContainsAnyExcept(FloatCharacters)) return false;
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(ascii, style, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>
    /// Reads what <c>int(text, radix)</c> reads: white space around it, decimal digits of any script, <c>_</c> between digits, and the prefix of
    /// the radix (<c>0x</c>, <c>0o</c>, <c>0b</c>).
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="radix">2 to 36; or 0, where the prefix tells it and other numbers are decimal without zeros before them.</param>
    /// <param name="value">The number; 0 when the text is none.</param>
    /// <returns>False also for more than <see cref="MaxDigits"/> digits and for any other radix.</returns>
    public static bool TryParseWhole(string text, int radix, out BigInteger value)
    {
        value = BigInteger.Zero;
        if (radix is not 0 and (< 2 or > 36) || ToAscii(text) is not { } digits) return false;
        var negative = digits.StartsWith('-');
        if (digits.Length > 0 && digits[0] is '+' or '-') digits = digits[1..];
        var prefixed = digits.Length > 2 && digits[0] == '0' ? RadixOf(digits[1]) : 0;
        var prefixless = radix == 0 && prefixed == 0;
        if (prefixed != 0 && (radix == 0 || radix == prefixed))
        {
            radix = prefixed;
            digits = digits[2] == '_' ? digits[3..] : digits[2..];
        }

        if (radix == 0) radix = 10;
        if (digits.Length == 0 || digits[0] == '_' || digits[^1] == '_' || digits.Contains("__", StringComparison.Ordinal)) return false;
        digits = digits.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length > MaxDigits) return false;
        foreach (var c in digits)
            if (DigitOf(c) >= radix) return false;
        value = Accumulate(digits, radix);
        if (prefixless && digits[0] == '0' && !value.IsZero) return false;
        if (negative) value = -value;
        return true;
    }

    internal static bool IsNumber(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

    internal static double ToDouble(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        // Beyond the range of a float the result is an infinity, as in Python.
        _ => double.Parse(JsonMarshal.GetRawUtf8Value(value), NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    internal static int Compare(JsonElement left, JsonElement right)
    {
        var (leftFloat, rightFloat) = (IsFloat(left), IsFloat(right));
        if (leftFloat && rightFloat) return ToDouble(left).CompareTo(ToDouble(right));
        if (leftFloat) return -Compare(ToWhole(right), ToDouble(left));
        if (rightFloat) return Compare(ToWhole(left), ToDouble(right));
        return ToWhole(left).CompareTo(ToWhole(right));
    }

    private static bool IsFloat(JsonElement value) => value.ValueKind == JsonValueKind.Number && JsonValues.IsFloat(value);

    private static BigInteger ToWhole(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => BigInteger.One,
        JsonValueKind.False => BigInteger.Zero,
        _ => value.TryGetInt64(out var small) ? small : BigInteger.Parse(Encoding.ASCII.GetString(JsonMarshal.GetRawUtf8Value(value)), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
    };

    // Exact: a large whole number is not rounded to a float first.
    private static int Compare(BigInteger left, double right)
    {
        if (double.IsInfinity(right)) return right > 0 ? -1 : 1;
        var whole = Math.Truncate(right);
        var order = left.CompareTo(new BigInteger(whole));
        return order != 0 ? order : whole.CompareTo(right);
    }

    // Digits of other scripts as 0 to 9 and white space of Unicode as blanks, both without those around; null where another character is not ASCII.
    // The separators U+001C to U+001F are no white space here, though str.strip drops them.
    private static string? ToAscii(string text)
    {
        if (!Ascii.IsValid(text))
        {
            var ascii = new StringBuilder(text.Length);
            for (var i = 0; i < text.Length;)
            {
                var c = PythonCharacters.At(text, i, out var length);
                i += length;
                if (c < 0x80) ascii.Append((char)c);
                else if (PythonCharacters.DecimalValue(c) is var digit and >= 0) ascii.Append((char)('0' + digit));
                else if (c <= char.MaxValue && PythonCharacters.IsSpace((char)c)) ascii.Append(' ');
                else return null;
            }

            text = ascii.ToString();
        }

        return text.Trim(' ', '\t', '\n', '\v', '\f', '\r');
    }

    private static bool TryDropUnderscores(ref string text)
    {
        if (!text.Contains('_', StringComparison.Ordinal)) return true;
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '_' && (i == 0 || i == text.Length - 1 || !char.IsAsciiDigit(text[i - 1]) || !char.IsAsciiDigit(text[i + 1]))) return false;
        text = text.Replace("_", "", StringComparison.Ordinal);
        return true;
    }

    private static bool Is(string text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static int RadixOf(char prefix) => prefix switch { 'x' or 'X' => 16, 'o' or 'O' => 8, 'b' or 'B' => 2, _ => 0 };

    private static BigInteger Accumulate(string digits, int radix)
    {
        if (radix == 10) return BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        var value = BigInteger.Zero;
        foreach (var c in digits) value = (value * radix) + DigitOf(c);
        return value;
    }

    private static int DigitOf(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'z' => c - 'a' + 10,
        >= 'A' and <= 'Z' => c - 'A' + 10,
        _ => int.MaxValue,
    };
}
