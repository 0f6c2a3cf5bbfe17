using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Numbers as Python sees them: whole numbers of any size, floats, and booleans as 0 and 1.</summary>
internal static class PythonNumber
{
    public static bool IsNumber(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

    public static double ToDouble(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        // Beyond the range of a float the result is an infinity, as in Python.
        _ => double.Parse(JsonMarshal.GetRawUtf8Value(value), NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    public static int Compare(JsonElement left, JsonElement right)
    {
        var (leftFloat, rightFloat) = (IsFloat(left), IsFloat(right));
        if (leftFloat && rightFloat) return ToDouble(left).CompareTo(ToDouble(right));
        if (leftFloat) return -Compare(ToWhole(right), ToDouble(left));
        if (rightFloat) return Compare(ToWhole(left), ToDouble(right));
        return ToWhole(left).CompareTo(ToWhole(right));
    }

    public static bool TryParse(string text, out double value)
    {
        var trimmed = PythonText.Strip(text);
        value = 0;
        if (trimmed.Length == 0) return false;
        if (trimmed.Contains('_', StringComparison.Ordinal))
        {
            for (var i = 0; i < trimmed.Length; i++)
                if (trimmed[i] == '_' && (i == 0 || i == trimmed.Length - 1 || !char.IsAsciiDigit(trimmed[i - 1]) || !char.IsAsciiDigit(trimmed[i + 1]))) return false;
            trimmed = trimmed.Replace("_", "", StringComparison.Ordinal);
        }

        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var unsigned = trimmed.TrimStart('+', '-');
        if (trimmed.Length - unsigned.Length > 1) return false;
        if (unsigned.Length > 0 && (char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.')) return double.TryParse(trimmed, style, CultureInfo.InvariantCulture, out value);
        double? named = unsigned.ToUpperInvariant() switch
        {
            "INF" or "INFINITY" => double.PositiveInfinity,
            "NAN" => double.NaN,
            _ => null,
        };
        if (named is not { } number) return false;
        value = trimmed[0] == '-' ? -number : number;
        return true;
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
}
