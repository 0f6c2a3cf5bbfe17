using System.Numerics;

namespace Grainflow.Templates.Values;

/// <summary>Floats in decimal digits, rounded half to even on their exact value as Python does; .NET's formats round half up.</summary>
internal static class ExactDecimal
{
    /// <summary>The magnitude with that many digits after the point, as <c>%f</c> writes it.</summary>
    public static string Fixed(double value, int precision)
    {
        var digits = Scaled(Math.Abs(value), precision).ToString();
        if (precision <= 0) return digits;
        digits = digits.PadLeft(precision + 1, '0');
        return digits[..^precision] + "." + digits[^precision..];
    }

    /// <summary>The magnitude in scientific form with that many digits after the point: <c>1.50e+03</c>.</summary>
    public static string Scientific(double value, int precision)
    {
        var (digits, exponent) = Significant(Math.Abs(value), precision + 1);
        var fraction = precision > 0 ? "." + digits[1..] : "";
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>The magnitude as <c>%g</c> writes it.</summary>
    public static string General(double value, int precision, bool keepZeros)
    {
        var significant = Math.Max(precision, 1);
        var (_, exponent) = Significant(Math.Abs(value), significant);
        var plain = exponent >= -4 && exponent < significant;
        var text = plain ? Fixed(value, significant - 1 - exponent) : Scientific(value, significant - 1);
        if (keepZeros || !text.Contains('.', StringComparison.Ordinal)) return text;
        var end = text.IndexOf('e', StringComparison.Ordinal);
        var mantissa = end < 0 ? text : text[..end];
        return mantissa.TrimEnd('0').TrimEnd('.') + (end < 0 ? "" : text[end..]);
    }

    /// <summary>Python's <c>round(value, digits)</c>.</summary>
    public static double Round(double value, int digits)
    {
        if (!double.IsFinite(value) || digits > 323) return value;
        if (digits < -308) return double.CopySign(0, value);
        var scaled = Scaled(Math.Abs(value), digits);
        var text = digits > 0 ? $"{scaled}e-{digits}" : $"{scaled}e{-digits}";
        return double.CopySign(double.Parse(text), value);
    }

    // Digits and decimal exponent of the first of them.
    private static (string Digits, int Exponent) Significant(double value, int count)
    {
        if (value == 0) return (new string('0', count), 0);
        var exponent = (int)Math.Floor(Math.Log10(value));
        while (true)
        {
            var digits = Scaled(value, count - 1 - exponent).ToString();
            if (digits.Length == count) return (digits, exponent);
            exponent += digits.Length > count ? 1 : -1;
        }
    }

    // value × 10^power, rounded half to even.
    private static BigInteger Scaled(double value, int power)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var rawExponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        if (rawExponent != 0) mantissa |= 1L << 52;
        var exponent = Math.Max(rawExponent, 1) - 1075;
        BigInteger above = mantissa;
        var below = BigInteger.One;
        if (exponent >= 0) above <<= exponent;
        else below <<= -exponent;
        if (power >= 0) above *= BigInteger.Pow(10, power);
        else below *= BigInteger.Pow(10, -power);
        var whole = BigInteger.DivRem(above, below, out var rest);
        var half = (rest * 2).CompareTo(below);
        return half > 0 || (half == 0 && !whole.IsEven) ? whole + 1 : whole;
    }
}
