using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Order of values as the contract's reference has it: numbers by value, texts by code point, lists by their first difference.</summary>
public static class ValueOrder
{
    /// <summary>
    /// Below zero, zero or above zero as the left value is less than, equal to or greater than the right one; null when the two have no
    /// order (text against number, null, objects).
    /// </summary>
    /// <param name="left">Any value.</param>
    /// <param name="right">Any value.</param>
    public static int? Compare(JsonElement left, JsonElement right)
    {
        if (PythonNumber.IsNumber(left) && PythonNumber.IsNumber(right)) return PythonNumber.Compare(left, right);
        return (left.ValueKind, right.ValueKind) switch
        {
            (JsonValueKind.String, JsonValueKind.String) => PythonText.Compare(left.GetString()!, right.GetString()!),
            (JsonValueKind.Array, JsonValueKind.Array) => CompareLists(left, right),
            _ => null,
        };
    }

    private static int? CompareLists(JsonElement left, JsonElement right)
    {
        foreach (var (one, other) in left.EnumerateArray().Zip(right.EnumerateArray()))
            if (!ValueEquality.AreEqual(one, other)) return Compare(one, other);
        return left.GetArrayLength().CompareTo(right.GetArrayLength());
    }
}
