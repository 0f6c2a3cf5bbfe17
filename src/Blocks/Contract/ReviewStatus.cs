namespace Grainflow.Blocks.Contract;

/// <summary>The state of a review (contract: enums, ReviewStatus).</summary>
public enum ReviewStatus
{
    /// <summary>Nobody has decided yet; the block pauses without outputs.</summary>
    Waiting,

    /// <summary>The block goes on.</summary>
    Approved,

    /// <summary>The block fails.</summary>
    Rejected,
}
