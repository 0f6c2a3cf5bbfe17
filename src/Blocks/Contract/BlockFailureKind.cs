namespace Grainflow.Blocks.Contract;

/// <summary>Where a block failed (contract: block-tiers, "Reading the vectors").</summary>
public enum BlockFailureKind
{
    /// <summary>The input did not fit the block's schema.</summary>
    Input,

    /// <summary>The block raised or emitted an error.</summary>
    Execution,

    /// <summary>A result did not fit the declared pin.</summary>
    Output,

    /// <summary>Anything else: a defect, or something the block did not foresee.</summary>
    Unknown,
}
