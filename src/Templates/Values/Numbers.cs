using System.Globalization;
using System.Numerics;
using Grainflow.Engine.Values;

namespace Grainflow.Templates.Values;

/// <summary>Python's numbers: whole numbers of any size, floats, and truth values as 0 and 1.</summary>
internal static class Numbers
{
    /// <summary>Python's own limit for reading and printing whole numbers.</summary>
    public const int MaxIntegerDigits = 4300;

    /// <summary>The value as a whole number: integers and truth values, nothing else.</summary>
    public static bool TryWhole(object value, out BigInteger number)
    {
        number = value switch { BigInteger whole => whole, bool truth => truth ? 1 : 0, _ => BigInteger.Zero };
        return value is BigInteger or bool;
    }

    /// <summary>The value as a float when it is a number.</summary>
    public static bool TryFloat(object value, out double number)
    {
        if (value is double given)
        {
            number = given;
            return true;
        }

        number = 0;
        if (!TryWhole(value, out var whole)) return false;
        number = ToFloat(whole);
        return true;
    }

    public static double ToFloat(BigInteger whole)
    {
        var number = (double)whole;
        return double.IsInfinity(number) ? throw Failures.Arithmetic("int too large to convert to float") : number;
    }

    /// <summary>An index or a count. Beyond 32 bits it is cut off, which every use then finds too large.</summary>
    public static int Index(object value, string typeMessage = "'{0}' object cannot be interpreted as an integer")
    {
        if (value is Undefined undefined) throw undefined.Failure();
        if (!TryWhole(value, out var whole)) throw Failures.Type(typeMessage.Replace("{0}", TypeNames.Of(value), StringComparison.Ordinal));
        return (int)BigInteger.Max(int.MinValue + 1, BigInteger.Min(int.MaxValue, whole));
    }

    /// <summary>Python's <c>int(text, radix)</c>, or null where that fails.</summary>
    public static BigInteger? ParseWhole(string text, int radix)
    {
        var digits = PythonText.Strip(text);
        var negative = digits.StartsWith('-');
        if (digits.Length > 0 && digits[0] is '+' or '-') digits = digits[1..];
        if (radix is not 0 and (< 2 or > 36)) return null;
        if (digits.Length > 2 && digits[0] == '0')
        {
            var prefixed = char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
            if (prefixed != 0 && (radix == 0 || radix == prefixed))
            {
                radix = prefixed;
                digits = digits[2] == '_' ? digits[3..] : digits[2..];
            }
        }

        if (radix == 0) radix = 10;
        if (digits.Length is 0 or > MaxIntegerDigits || digits[0] == '_' || digits[^1] == '_' || digits.Contains("__", StringComparison.Ordinal)) return null;
        digits = digits.Replace("_", "", StringComparison.Ordinal);
        foreach (var c in digits)
            if (Digit(c) >= radix) return null;
        var value = Accumulate(digits, radix);
        return negative ? -value : value;
    }

    /// <summary>The value of digits that are known to fit the radix.</summary>
    public static BigInteger Accumulate(string digits, int radix)
    {
        if (radix == 10) return BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        var value = BigInteger.Zero;
        foreach (var c in digits) value = (value * radix) + Digit(c);
        return value;
    }

    /// <summary>Python's <c>float(value)</c>.</summary>
    /// <exception cref="TemplateException">A text that is no number, or something undefined.</exception>
    /// <exception cref="TemplateRuntimeException">A value that is no number.</exception>
    public static double Float(object value)
    {
        if (TryFloat(value, out var number)) return number;
        return value switch
        {
            string or Markup => PythonText.TryParseFloat(Printer.Text(value), out var parsed)
                ? parsed
                : throw Failures.Value($"could not convert string to float: {Printer.Repr(value)}"),
            Undefined undefined => throw undefined.Failure(),
            _ => throw Failures.Type($"float() argument must be a string or a real number, not '{TypeNames.Of(value)}'"),
        };
    }

    public static BigInteger CheckSize(BigInteger value) => value.GetBitLength() <= TemplateLimits.MaxIntegerBits ? value : throw Failures.Limit($"{TemplateLimits.MaxIntegerBits} bits");

    private static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'z' => c - 'a' + 10,
        >= 'A' and <= 'Z' => c - 'A' + 10,
        _ => int.MaxValue,
    };
}
