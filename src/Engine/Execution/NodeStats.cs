using System.Text.Json.Serialization;

namespace Grainflow.Engine.Execution;

/// <summary>The statistics of one node execution (contract: semantics 2.11).</summary>
public sealed record NodeStats
{
    /// <summary>Statistics without measurements.</summary>
    public static readonly NodeStats None = new();

    /// <summary>Seconds from its start to its end.</summary>
    public double WallTime { get; init; }

    /// <summary>Seconds of processor time, as far as it was measured; 0 for blocks that only wait.</summary>
    public double CpuTime { get; init; }

    /// <summary>The size of its input as JSON, in bytes of UTF-8.</summary>
    public long InputSize { get; init; }

    /// <summary>The size of its outputs as JSON, in bytes of UTF-8.</summary>
    public long OutputSize { get; init; }

    /// <summary>The number of calls to language models.</summary>
    public int LlmCallCount { get; init; }

    /// <summary>The number of those calls that repeat an earlier one.</summary>
    public int LlmRetryCount { get; init; }

    /// <summary>The number of tokens sent to language models.</summary>
    public long InputTokenCount { get; init; }

    /// <summary>The number of tokens received from language models.</summary>
    public long OutputTokenCount { get; init; }

    /// <summary>The credits that a sub-agent spent.</summary>
    public long ExtraCost { get; init; }

    /// <summary>The number of node executions of a sub-agent.</summary>
    public int ExtraSteps { get; init; }

    /// <summary>The tokens of its last call to a language model, prompt and answer together; 0 when there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ContextUsed { get; init; }

    /// <summary>The most tokens that the model of that call takes; 0 when there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int ContextMax { get; init; }
}
