using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Mcp;

/// <summary>Checks the arguments of a tool before they are sent: required ones and the types of the first level. The server checks the rest.</summary>
internal static class ToolArguments
{
    /// <summary>What is wrong, or null.</summary>
    /// <param name="schema">The JSON schema of the arguments; an empty object when it is not known.</param>
    /// <param name="arguments">The arguments by name.</param>
    public static string? Problem(JsonElement schema, IReadOnlyDictionary<string, JsonElement> arguments)
    {
        if (schema.Member("required") is { ValueKind: JsonValueKind.Array } required
            && required.EnumerateArray().FirstOrDefault(name => name.ValueKind == JsonValueKind.String && !arguments.ContainsKey(name.GetString()!)) is { ValueKind: JsonValueKind.String } missing)
            return $"the argument '{missing.GetString()}' has no value";
        foreach (var (name, value) in arguments)
        {
            if (JsonValues.DepthProblem(value, name) is { } tooDeep) return tooDeep;
            if (schema.Member("properties")?.Member(name)?.Member("type") is { ValueKind: JsonValueKind.String } type && !Fits(value, type.GetString()!))
                return $"the argument '{name}' must be of type {type.GetString()}, but is {JsonValues.Compact(value) switch { { Length: > 100 } text => text[..100] + "…", var text => text }}";
        }

        return null;
    }

    private static bool Fits(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && decimal.Truncate(number) == number,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => true,
    };
}
