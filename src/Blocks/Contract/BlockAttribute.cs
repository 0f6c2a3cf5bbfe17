using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>Names a block class to the catalogue (contract: <c>blocks.tsv</c>).</summary>
/// <param name="id">The block's UUID.</param>
/// <param name="description">One sentence for people.</param>
/// <param name="categories">Categories of the contract, for example <c>BASIC</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BlockAttribute(string id, string description, params string[] categories) : Attribute
{
    /// <summary>The block's UUID.</summary>
    public string Id { get; } = id;

    /// <summary>One sentence for people.</summary>
    public string Description { get; } = description;

    /// <summary>Categories of the contract.</summary>
    public IReadOnlyList<string> Categories { get; } = categories;

    /// <summary>The block's role.</summary>
    public BlockKind Kind { get; init; }

    /// <summary>True when links that leave the block are static.</summary>
    public bool StaticOutput { get; init; }

    /// <summary>True when the block is switched off for direct use.</summary>
    public bool Disabled { get; init; }

    /// <summary>True when a person may have to review the call first.</summary>
    public bool SensitiveAction { get; init; }
}
