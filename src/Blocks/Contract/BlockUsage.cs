namespace Grainflow.Blocks.Contract;

/// <summary>What a block run counts (contract: semantics 2.11, node statistics). Written by one block run only.</summary>
public sealed class BlockUsage
{
    /// <summary>Calls to a language model.</summary>
    public int LlmCalls { get; set; }

    /// <summary>Calls that had to be repeated.</summary>
    public int LlmRetries { get; set; }

    /// <summary>Tokens sent.</summary>
    public long InputTokens { get; set; }

    /// <summary>Tokens received.</summary>
    public long OutputTokens { get; set; }
}
