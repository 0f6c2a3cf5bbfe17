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
            (JsonValueKind.String, JsonValueKind.String) => CompareText(left.GetString()!, right.GetString()!),
            (JsonValueKind.Array, JsonValueKind.Array) => CompareLists(left, right),
            _ => null,
        };
    }

    // UTF-16 order differs from code point order where surrogates meet U+E000 to U+FFFF.
    private static int CompareText(string left, string right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            if (left[i] == right[i]) continue;
            return char.IsSurrogate(left[i]) == char.IsSurrogate(right[i]) ? left[i].CompareTo(right[i]) : char.IsSurrogate(left[i]) ? 1 : -1;
        }

        return left.Length.CompareTo(right.Length);
    }

    private static int? CompareLists(JsonElement left, JsonElement right)
    {
        foreach (var (one, other) in left.EnumerateArray().Zip(right.EnumerateArray()))
            if (!ValueEquality.AreEqual(one, other)) return Compare(one, other);
        return left.GetArrayLength().CompareTo(right.GetArrayLength());
    }
}
