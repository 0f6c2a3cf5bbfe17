using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>A report of a node execution to its run.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeReportMessage")]
public sealed record NodeReportMessage
{
    /// <summary>The node execution that reports.</summary>
    [Id(0)]
    public required Guid NodeExecutionId { get; init; }

    /// <summary>The attempt that reports, from 1.</summary>
    [Id(1)]
    public required int Attempt { get; init; }

    /// <summary>The ordinal of the first output among all outputs of the attempt, from 0.</summary>
    [Id(2)]
    public required int FirstOrdinal { get; init; }

    /// <summary>Outputs in order, at most 16 or 1 MB.</summary>
    [Id(3)]
    public required ImmutableArray<EmittedOutput> Outputs { get; init; }

    /// <summary>How the node execution ended, or null while it goes on.</summary>
    [Id(4)]
    public NodeEndMessage? End { get; init; }

    /// <summary>The epoch of the session that dispatched the attempt (<see cref="NodeWork.Epoch"/>).</summary>
    [Id(5)]
    public long Epoch { get; init; }

    /// <summary>
    /// True when the process of the node is shutting down and does not finish the attempt, so that the attempt does not count as lost. <see cref="End"/> is null then.
    /// </summary>
    [Id(6)]
    public bool Interrupted { get; init; }

    /// <summary>The address of the silo that runs the attempt; null for an effect-free node that runs beside its run.</summary>
    [Id(7)]
    public string? Host { get; init; }

    /// <summary>The number of this start of the attempt among the starts of its silo, from 1; 0 without <see cref="Host"/>.</summary>
    [Id(8)]
    public long Start { get; init; }

    /// <summary>True when the attempt asks whether its block may start. It may when the report is accepted.</summary>
    [Id(9)]
    public bool Begins { get; init; }
}

/// <summary>A value that a block has emitted on an output pin.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.EmittedOutput")]
public sealed record EmittedOutput
{
    /// <summary>The output pin; for a sub-agent, the name of its output.</summary>
    [Id(0)]
    public required string Pin { get; init; }

    /// <summary>The value, as JSON.</summary>
    [Id(1)]
    public required JsonPayload Value { get; init; }
}

/// <summary>How a node execution ended.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeEndMessage")]
public sealed record NodeEndMessage
{
    /// <summary>COMPLETED, FAILED, TERMINATED or REVIEW.</summary>
    [Id(0)]
    public required string Status { get; init; }

    /// <summary>The text for the <c>error</c> pin when it failed.</summary>
    [Id(1)]
    public string? Error { get; init; }

    /// <summary>The credits charged; of a price that is settled when the block has ended, those after the settlement.</summary>
    [Id(2)]
    public long Charged { get; init; }

    /// <summary>True when the balance was too low to charge for the node.</summary>
    [Id(3)]
    public bool OutOfCredits { get; init; }

    /// <summary>The measurements of the node execution.</summary>
    [Id(4)]
    public required NodeMeasures Measures { get; init; }

    /// <summary>The losses in the node or in its sub-agent, JSON in the Engine's stored form; null when there are none.</summary>
    [Id(5)]
    public JsonPayload? Warnings { get; init; }

    /// <summary>True when what was left of the budget of the run was too small to charge for the node.</summary>
    [Id(6)]
    public bool OverBudget { get; init; }
}

/// <summary>The measurements of a node execution (contract: semantics 2.11).</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeMeasures")]
public sealed record NodeMeasures
{
    /// <summary>Seconds from its start to its end.</summary>
    [Id(0)]
    public double WallTime { get; init; }

    /// <summary>The size of its input as JSON, in bytes of UTF-8.</summary>
    [Id(1)]
    public long InputSize { get; init; }

    /// <summary>The size of its outputs as JSON, in bytes of UTF-8.</summary>
    [Id(2)]
    public long OutputSize { get; init; }

    /// <summary>The number of calls to language models.</summary>
    [Id(3)]
    public int LlmCalls { get; init; }

    /// <summary>The number of those calls that repeat an earlier one.</summary>
    [Id(4)]
    public int LlmRetries { get; init; }

    /// <summary>The number of tokens sent to language models.</summary>
    [Id(5)]
    public long InputTokens { get; init; }

    /// <summary>The number of tokens received from language models.</summary>
    [Id(6)]
    public long OutputTokens { get; init; }

    /// <summary>The credits that a sub-agent spent.</summary>
    [Id(7)]
    public long ExtraCost { get; init; }

    /// <summary>The number of node executions of a sub-agent.</summary>
    [Id(8)]
    public int ExtraSteps { get; init; }

    /// <summary>The tokens of its last call to a language model, prompt and answer together; 0 when there was none.</summary>
    [Id(9)]
    public long ContextUsed { get; init; }

    /// <summary>The most tokens that the model of that call takes; 0 when there was none.</summary>
    [Id(10)]
    public int ContextMax { get; init; }
}

/// <summary>The answer of a run to a report. An accepted report is durable when the answer arrives.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeReportAnswer")]
public sealed record NodeReportAnswer
{
    /// <summary>Whether the report was recorded.</summary>
    [Id(0)]
    public required NodeReportVerdict Verdict { get; init; }

    /// <summary>The ordinal of the output to report next; all before it are recorded.</summary>
    [Id(1)]
    public int NextOrdinal { get; init; }

    /// <summary>The reason of a refusal, or null.</summary>
    [Id(2)]
    public string? Reason { get; init; }
}

/// <summary>Whether a run recorded a report.</summary>
[GenerateSerializer, Alias("grainflow.NodeReportVerdict")]
public enum NodeReportVerdict
{
    /// <summary>It is recorded, by this call or an earlier one.</summary>
    Accepted = 0,

    /// <summary>The attempt is stale, and the node must stop.</summary>
    Stale = 1,

    /// <summary>The database cannot store it, and the node must fail instead.</summary>
    Refused = 2,
}
