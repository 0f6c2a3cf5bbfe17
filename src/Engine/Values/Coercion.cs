using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Converts values to the type of a pin (contract: semantics 2.9).</summary>
public static class Coercion
{
    /// <summary>
    /// Converts a value. Null stays null, whatever the type; <c>any</c>, enums and objects with declared members never convert.
    /// </summary>
    /// <param name="value">Any value.</param>
    /// <param name="type">The pin's type.</param>
    /// <param name="result">The converted value; the value itself when the conversion fails.</param>
    /// <param name="error">What cannot be converted, for people; null when the conversion succeeds.</param>
    /// <returns>False only where an infinity is to become an integer: everything else has a value, if only 0.</returns>
    public static bool TryConvert(JsonElement value, PinType type, out JsonElement result, [NotNullWhen(false)] out string? error)
    {
        result = value;
        error = null;
        if (value.IsNull()) return true;
        try
        {
            result = Convert(value, type);
            return true;
        }
        catch (OverflowException e)
        {
            error = e.Message;
            return false;
        }
    }

    private static JsonElement Convert(JsonElement value, PinType type) => type switch
    {
        PinType.StringType => ToText(value),
        PinType.IntegerType => ToInteger(value),
        PinType.NumberType => ToNumber(value),
        PinType.BooleanType => ToBoolean(value),
        PinType.ArrayType array => ToArray(value, array.Element),
        PinType.MapType map => ToMap(value, map.Value),
        PinType.NullableType nullable => value.IsNull() ? value : Convert(value, nullable.Inner),
        PinType.UnionType union => ToUnion(value, union),
        _ => value,
    };

    private static JsonElement ToText(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value : JsonValues.From(PythonText.Json(value));

    private static JsonElement ToInteger(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value;
        if (value.ValueKind == JsonValueKind.Number && !JsonValues.IsFloat(value)) return value;
        if (LengthOf(value) is { } length) return JsonValues.From(length);
        var number = Math.Truncate(ParseNumber(value));
        if (double.IsNaN(number)) return JsonValues.From(0);
        if (double.IsInfinity(number)) throw new OverflowException("cannot convert float infinity to integer");
        return JsonValues.From(new BigInteger(number));
    }

    private static JsonElement ToNumber(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && JsonValues.IsFloat(value)) return value;
        return JsonValues.From(LengthOf(value) ?? ParseNumber(value));
    }

    private static long? LengthOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength(),
        JsonValueKind.Object => value.GetPropertyCount(),
        _ => null,
    };

    private static double ParseNumber(JsonElement value)
    {
        if (PythonNumber.IsNumber(value)) return PythonNumber.ToDouble(value);
        return value.ValueKind == JsonValueKind.String && PythonNumber.TryParseFloat(value.GetString()!, out var number) ? number : 0;
    }

    private static JsonElement ToBoolean(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return JsonValues.From(Truth.IsTruthy(value));
        // No letter outside ASCII has one of these four as its lower case.
        return JsonValues.From(value.ValueEquals("1") || value.GetString()!.Equals("true", StringComparison.OrdinalIgnoreCase));
    }

    private static JsonElement ToArray(JsonElement value, PinType element)
    {
        var list = ToArray(value);
        if (element is PinType.AnyType) return list;
        return JsonValues.Array(list.EnumerateArray().Select(e => Convert(e, element)));
    }

    private static JsonElement ToArray(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                return value;
            case JsonValueKind.Object:
                return JsonValues.Array(value.EnumerateObject().Select(m => JsonValues.Array(JsonValues.From(m.Name), m.Value)));
            case JsonValueKind.String:
                var text = PythonText.Strip(value.GetString()!);
                if (text.StartsWith('[') && text.EndsWith(']') && JsonValues.TryParse(text, out var parsed)) return parsed;
                return JsonValues.Array(JsonValues.From(text));
            default:
                return JsonValues.Array(value);
        }
    }

    private static JsonElement ToMap(JsonElement value, PinType element)
    {
        var map = ToMap(value);
        if (element is PinType.AnyType) return map;
        return JsonValues.Object(map.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, Convert(m.Value, element))));
    }

    private static JsonElement ToMap(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return value;
            case JsonValueKind.Array:
                // Integer keys cannot be encoded; text keys take their place (contract: block-tiers, quirk 10).
                return JsonValues.Object(value.EnumerateArray().Select((e, i) => KeyValuePair.Create(i.ToString(CultureInfo.InvariantCulture), e)));
            case JsonValueKind.String when JsonValues.TryParse(value.GetString(), out var parsed):
                return parsed.ValueKind == JsonValueKind.Object ? parsed : Wrapped(parsed);
            default:
                return Wrapped(value);
        }
    }

    private static JsonElement Wrapped(JsonElement value) => JsonValues.Object(KeyValuePair.Create("value", value));

    private static JsonElement ToUnion(JsonElement value, PinType.UnionType union)
    {
        OverflowException? last = null;
        foreach (var member in union.Members)
        {
            try
            {
                return Convert(value, member);
            }
            catch (OverflowException e)
            {
                last = e;
            }
        }

        throw last ?? new OverflowException("a union without members has no values");
    }
}
