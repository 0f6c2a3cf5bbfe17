using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>
/// Checks values against the type of a pin, as JSON schema would (contract: semantics 2.6 step 7 and 2.10 step 7). Formats
/// are not checked. Error texts name where and what kind, never the value, which may be a secret.
/// </summary>
public static class SchemaCheck
{
    /// <summary>The first place where the value does not fit, or null when it fits.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="type">The type wanted.</param>
    /// <param name="path">What to call the value in the error, usually the pin's name.</param>
    public static string? Find(JsonElement value, PinType type, string path = "value") => type switch
    {
        PinType.AnyType => null,
        PinType.StringType => Expect(value.ValueKind == JsonValueKind.String, value, "string", path),
        PinType.IntegerType => Expect(IsWhole(value), value, "integer", path),
        PinType.NumberType => Expect(value.ValueKind == JsonValueKind.Number, value, "number", path),
        PinType.BooleanType => Expect(value.ValueKind is JsonValueKind.True or JsonValueKind.False, value, "boolean", path),
        PinType.ArrayType array => FindInArray(value, array.Element, path),
        PinType.MapType map => FindInMap(value, map.Value, path),
        PinType.EnumType options => FindInEnum(value, options, path),
        PinType.ModelType model => FindInModel(value, model, path),
        PinType.NullableType nullable => value.IsNull() ? null : Find(value, nullable.Inner, path),
        PinType.UnionType union => FindInUnion(value, union, path),
        _ => $"'{path}' has a type that cannot be checked",
    };

    private static string? Expect(bool fits, JsonElement value, string wanted, string path) =>
        fits ? null : $"'{path}' must be of type {wanted}, not {NameOf(value)}";

    private static bool IsWhole(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number) return false;
        if (!JsonValues.IsFloat(value)) return true;
        return double.IsInteger(PythonNumber.ToDouble(value));
    }

    private static string? FindInArray(JsonElement value, PinType element, string path)
    {
        if (value.ValueKind != JsonValueKind.Array) return Expect(false, value, "array", path);
        if (element is PinType.AnyType) return null;
        var index = 0;
        foreach (var item in value.EnumerateArray())
            if (Find(item, element, $"{path}[{index++}]") is { } error) return error;
        return null;
    }

    private static string? FindInMap(JsonElement value, PinType element, string path)
    {
        if (value.ValueKind != JsonValueKind.Object) return Expect(false, value, "object", path);
        if (element is PinType.AnyType) return null;
        foreach (var member in value.EnumerateObject())
            if (Find(member.Value, element, $"{path}.{member.Name}") is { } error) return error;
        return null;
    }

    private static string? FindInEnum(JsonElement value, PinType.EnumType options, string path)
    {
        if (value.ValueKind != JsonValueKind.String) return Expect(false, value, "string", path);
        if (options.Values.Any(o => value.ValueEquals(o))) return null;
        return $"'{path}' must be one of {string.Join(", ", options.Values.Take(20).Select(o => $"'{o}'"))}{(options.Values.Count > 20 ? ", …" : "")}";
    }

    private static string? FindInModel(JsonElement value, PinType.ModelType model, string path)
    {
        if (value.ValueKind != JsonValueKind.Object) return Expect(false, value, "object", path);
        foreach (var member in model.Members)
        {
            if (!value.TryGetProperty(member.Name, out var found))
            {
                if (member.Required) return $"'{path}.{member.Name}' is required";
                continue;
            }

            if (Find(found, member.Type, $"{path}.{member.Name}") is { } error) return error;
        }

        return null;
    }

    private static string? FindInUnion(JsonElement value, PinType.UnionType union, string path)
    {
        string? first = null;
        foreach (var member in union.Members)
        {
            var error = Find(value, member, path);
            if (error is null) return null;
            first ??= error;
        }

        return first is null ? null : $"{first}, and it fits no other type of the pin";
    }

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => IsWhole(value) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };
}
