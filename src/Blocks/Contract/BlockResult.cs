namespace Grainflow.Blocks.Contract;

/// <summary>The pin that nearly every output type begins with (contract: block-tiers, "Common facts").</summary>
public abstract record BlockResult
{
    /// <summary>What went wrong.</summary>
    public string Error { get; init; } = "";
}
