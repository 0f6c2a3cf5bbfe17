using System.Collections.Frozen;
using System.Text.Json;

namespace Grainflow.Engine.Catalogue;

/// <summary>What one execution of a block does outside of its run, from the least to the most (contract: decision 38).</summary>
public enum BlockEffect
{
    /// <summary>Nothing is read or changed.</summary>
    None,

    /// <summary>Something is read or asked for, and nothing changes: a request that is safe, a file that is fetched, a question to a model.</summary>
    Read,

    /// <summary>Something changes, and doing it twice changes no more than doing it once.</summary>
    Write,

    /// <summary>Something happens that cannot be undone and that happens again when it is repeated, such as a sent mail.</summary>
    Irreversible,
}

/// <summary>The effect of a block that depends on the value of one input pin.</summary>
/// <param name="Pin">The pin.</param>
/// <param name="Effects">The effect by the text of the pin.</param>
public sealed record EffectByPin(string Pin, FrozenDictionary<string, BlockEffect> Effects)
{
    /// <summary>The effects of a request by its method: safe methods read, those that may be repeated write (RFC 9110, section 9.2), all others are irreversible.</summary>
    public static FrozenDictionary<string, BlockEffect> OfMethods { get; } = new Dictionary<string, BlockEffect>(StringComparer.Ordinal)
    {
        ["GET"] = BlockEffect.Read,
        ["HEAD"] = BlockEffect.Read,
        ["OPTIONS"] = BlockEffect.Read,
        ["PUT"] = BlockEffect.Write,
        ["DELETE"] = BlockEffect.Write,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The effect by the value of the pin; null for a value that has none of its own.</summary>
    /// <param name="value">The value of the pin.</param>
    public BlockEffect? Find(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.String } text && Effects.TryGetValue(text.GetString()!, out var effect) ? effect : null;
}
