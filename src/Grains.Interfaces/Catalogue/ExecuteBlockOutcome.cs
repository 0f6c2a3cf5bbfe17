namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>How the direct run of a block ended.</summary>
[GenerateSerializer, Alias("grainflow.ExecuteBlockOutcome")]
public enum ExecuteBlockOutcome
{
    /// <summary>It gave all its outputs.</summary>
    Completed = 0,

    /// <summary>There is no such block.</summary>
    Unknown = 1,

    /// <summary>The block is switched off for direct use.</summary>
    Disabled = 2,

    /// <summary>The input did not fit, or the block said that it failed.</summary>
    Failed = 3,

    /// <summary>The block ended by a defect.</summary>
    Broken = 4,
}
