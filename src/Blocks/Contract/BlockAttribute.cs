using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>Registers a block class in the catalogue (contract: <c>blocks.tsv</c>).</summary>
/// <param name="id">The block's UUID.</param>
/// <param name="description">One sentence that user interfaces show.</param>
/// <param name="categories">Categories of the contract, for example <c>BASIC</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class BlockAttribute(string id, string description, params string[] categories) : Attribute
{
    private BlockEffect? _effect;

    /// <summary>The block's UUID.</summary>
    public string Id { get; } = id;

    /// <summary>One sentence that user interfaces show.</summary>
    public string Description { get; } = description;

    /// <summary>Categories of the contract.</summary>
    public IReadOnlyList<string> Categories { get; } = categories;

    /// <summary>The role of the block in graphs.</summary>
    public BlockKind Kind { get; init; }

    /// <summary>True when links that leave the block are static.</summary>
    public bool StaticOutput { get; init; }

    /// <summary>True when the block is not listed and cannot be executed directly.</summary>
    public bool Disabled { get; init; }

    /// <summary>True when one execution may emit several values on one pin, so that the nodes behind it may run more than once.</summary>
    public bool EmitsSeveral { get; init; }

    /// <summary>
    /// The worst that one execution does outside of its run. When it is not set, a <see cref="PureBlock{TInput, TOutput}"/> has no effect and any other block counts as one
    /// that changes something (contract: decision 38).
    /// </summary>
    public BlockEffect Effect
    {
        get => _effect ?? BlockEffect.Write;
        init => _effect = value;
    }

    /// <summary>The input pin with the method of the request that the block sends, which makes its effect smaller; null for none.</summary>
    public string? MethodPin { get; init; }

    internal BlockEffect? EffectOrUnset => _effect;

    /// <summary>True when the block mostly waits for time to pass, so that it takes no place from others and has no time limit of its own.</summary>
    public bool Waits { get; init; }

    /// <summary>True when a graph may require that a person reviews the execution first (contract: semantics 2.12).</summary>
    public bool SensitiveAction { get; init; }
}
