using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Which values count as true (contract: semantics, legend "falsy").</summary>
public static class Truth
{
    /// <summary>False for null, false, 0, 0.0, the empty text, list and object; true for everything else.</summary>
    /// <param name="value">Any value; one that was never set counts as null.</param>
    public static bool IsTruthy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Number => PythonNumber.ToDouble(value) != 0,
        JsonValueKind.String => !value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.GetPropertyCount() > 0,
        _ => false,
    };
}
