using System.Numerics;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>What <c>%</c> and <c>str.format</c> share: digits of numbers, signs, padding.</summary>
internal static class NumberFormat
{
    /// <summary>The magnitude of a float in one of the forms <c>e E f F g G</c>.</summary>
    public static string Float(double value, char type, int precision, bool alternate)
    {
        if (precision > TemplateLimits.MaxPrecision) throw TemplateErrors.Limit($"{TemplateLimits.MaxPrecision} digits after the point");
        string text;
        if (!double.IsFinite(value)) text = double.IsNaN(value) ? "nan" : "inf";
        else text = char.ToLowerInvariant(type) switch
        {
            'f' => ExactDecimal.Fixed(value, precision) + (alternate && precision == 0 ? "." : ""),
            'e' => ExactDecimal.Scientific(value, precision),
            _ => ExactDecimal.General(value, precision, alternate),
        };
        return char.IsUpper(type) ? text.ToUpperInvariant() : text;
    }

    /// <summary>The magnitude of a whole number in base 2, 8, 10 or 16.</summary>
    public static string Whole(BigInteger value, char type)
    {
        var magnitude = BigInteger.Abs(value);
        return type switch
        {
            'b' => Radix(magnitude, 1),
            'o' => Radix(magnitude, 3),
            'x' => Radix(magnitude, 4),
            'X' => Radix(magnitude, 4).ToUpperInvariant(),
            _ => Printer.Repr(magnitude),
        };
    }

    public static string Prefix(char type) => type switch { 'b' => "0b", 'o' => "0o", 'x' => "0x", 'X' => "0X", _ => "" };

    public static string Sign(bool negative, char mode) => negative ? "-" : mode is '+' or ' ' ? mode.ToString() : "";

    public static bool IsNegative(double value) => double.IsNegative(value) && !double.IsNaN(value);

    /// <summary>Puts a text into a field: left (<c>&lt;</c>), right (<c>&gt;</c>), centred (<c>^</c>), or filled behind its sign (<c>=</c>).</summary>
    public static string Field(string sign, string body, int width, string fill, char align)
    {
        var missing = width - CodePoints.Count(body) - sign.Length;
        if (missing <= 0) return sign + body;
        RenderState.CheckText((long)width * fill.Length);
        return align switch
        {
            '<' => sign + body + Texts.Times(fill, missing),
            '^' => Texts.Times(fill, missing / 2) + sign + body + Texts.Times(fill, missing - (missing / 2)),
            '=' => sign + Texts.Times(fill, missing) + body,
            _ => Texts.Times(fill, missing) + sign + body,
        };
    }

    private static string Radix(BigInteger magnitude, int bits)
    {
        if (magnitude.IsZero) return "0";
        var digits = new List<char>();
        for (; !magnitude.IsZero; magnitude >>= bits) digits.Add("0123456789abcdef"[(int)(magnitude & ((1 << bits) - 1))]);
        digits.Reverse();
        return new string([.. digits]);
    }
}
