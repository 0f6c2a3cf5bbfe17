namespace Grainflow.Engine.Execution;

/// <summary>What one node execution measured (contract: semantics 2.11).</summary>
public sealed record NodeStats
{
    /// <summary>Nothing measured.</summary>
    public static readonly NodeStats None = new();

    /// <summary>Seconds from start to end.</summary>
    public double WallTime { get; init; }

    /// <summary>Seconds of processor time, as far as it can be told; 0 for blocks that only wait.</summary>
    public double CpuTime { get; init; }

    /// <summary>Characters of JSON that went in.</summary>
    public long InputSize { get; init; }

    /// <summary>Characters of JSON that came out.</summary>
    public long OutputSize { get; init; }

    /// <summary>Calls to a language model.</summary>
    public int LlmCallCount { get; init; }

    /// <summary>Repeated calls to a language model.</summary>
    public int LlmRetryCount { get; init; }

    /// <summary>Tokens sent to a language model.</summary>
    public long InputTokenCount { get; init; }

    /// <summary>Tokens received from a language model.</summary>
    public long OutputTokenCount { get; init; }

    /// <summary>Credits that a sub-agent spent.</summary>
    public long ExtraCost { get; init; }

    /// <summary>Node executions of a sub-agent.</summary>
    public int ExtraSteps { get; init; }
}
