using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

/// <summary>Makes sets of values that are equal as <see cref="ValueEquality"/> has it: true = 1 = 1.0, and objects without regard to the order of their members.</summary>
internal sealed class ValueSet : IEqualityComparer<JsonElement>
{
    private static readonly ValueSet Equality = new();

    private ValueSet()
    {
    }

    /// <summary>The different elements of a list.</summary>
    /// <param name="list">A JSON list.</param>
    public static HashSet<JsonElement> Of(JsonElement list) => new(list.EnumerateArray(), Equality);

    /// <summary>An empty set.</summary>
    public static HashSet<JsonElement> Empty() => new(Equality);

    /// <inheritdoc/>
    public bool Equals(JsonElement x, JsonElement y) => ValueEquality.AreEqual(x, y);

    /// <inheritdoc/>
    public int GetHashCode(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                return value.GetDouble().GetHashCode();
            case JsonValueKind.True or JsonValueKind.False:
                return (value.ValueKind == JsonValueKind.True ? 1.0 : 0.0).GetHashCode();
            case JsonValueKind.String:
                return value.GetString()!.GetHashCode(StringComparison.Ordinal);
            case JsonValueKind.Array:
                var list = new HashCode();
                foreach (var element in value.EnumerateArray()) list.Add(GetHashCode(element));
                return list.ToHashCode();
            case JsonValueKind.Object:
                var members = 0;
                foreach (var member in value.EnumerateObject()) members ^= HashCode.Combine(member.Name, GetHashCode(member.Value));
                return members;
            default:
                return 0;
        }
    }
}
