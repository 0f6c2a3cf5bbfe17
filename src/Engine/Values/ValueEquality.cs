using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Equality of values as the contract's reference has it: numbers by value, true = 1 = 1.0, objects without regard to member order.</summary>
public static class ValueEquality
{
    /// <summary>True when the values are equal all the way down.</summary>
    /// <param name="left">Any value.</param>
    /// <param name="right">Any value.</param>
    public static bool AreEqual(JsonElement left, JsonElement right)
    {
        if (PythonNumber.IsNumber(left)) return PythonNumber.IsNumber(right) && PythonNumber.Compare(left, right) == 0;
        if (left.IsNull()) return right.IsNull();
        if (left.ValueKind != right.ValueKind) return false;
        return left.ValueKind switch
        {
            JsonValueKind.String => left.ValueEquals(right.GetString()),
            JsonValueKind.Array => ListsAreEqual(left, right),
            _ => ObjectsAreEqual(left, right),
        };
    }

    private static bool ListsAreEqual(JsonElement left, JsonElement right)
    {
        if (left.GetArrayLength() != right.GetArrayLength()) return false;
        foreach (var (one, other) in left.EnumerateArray().Zip(right.EnumerateArray()))
            if (!AreEqual(one, other)) return false;
        return true;
    }

    private static bool ObjectsAreEqual(JsonElement left, JsonElement right)
    {
        if (left.GetPropertyCount() != right.GetPropertyCount()) return false;
        foreach (var member in left.EnumerateObject())
            if (!right.TryGetProperty(member.Name, out var other) || !AreEqual(member.Value, other)) return false;
        return true;
    }
}
