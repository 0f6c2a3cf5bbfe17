namespace Grainflow.Gateway.Executions;

/// <summary>What a run has decided, and what it has not executed (an addition to the contract).</summary>
internal sealed record ExecutionLogAnswer
{
    /// <summary>The decisions, oldest first.</summary>
    public required IReadOnlyList<ExecutionLogEntry> Entries { get; init; }

    /// <summary>What to give as <c>after</c> for the next page; null when this page has the end of the log as it is now.</summary>
    public required long? Next { get; init; }

    /// <summary>The nodes that were not executed, and those with executions that wait for values, each once and in the order of the graph; in the last page only.</summary>
    public required IReadOnlyList<UnstartedNodeEntry> Unstarted { get; init; }
}

/// <summary>One decision.</summary>
internal sealed record ExecutionLogEntry
{
    /// <summary>The place in the log of the run; it grows, with gaps.</summary>
    public required long Seq { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was decided, for programs: <c>run_started</c>, <c>node_dispatched</c>, <c>node_began</c>, <c>node_interrupted</c>, <c>node_skipped</c>, <c>node_ended</c>, <c>run_reviewed</c>, <c>stop_requested</c> or <c>run_ended</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The node; null for the run itself.</summary>
    public string? NodeId { get; init; }

    /// <summary>The node execution; null for the run itself.</summary>
    public Guid? NodeExecId { get; init; }

    /// <summary>The attempt, from 1; null where there is none.</summary>
    public int? Attempt { get; init; }

    /// <summary>The status after it, for an end; else null.</summary>
    public string? Status { get; init; }

    /// <summary>The credits that were charged for a node execution at its end; else null.</summary>
    public long? Cost { get; init; }

    /// <summary>The same in English.</summary>
    public required string Text { get; init; }
}

/// <summary>A node that was not executed, or whose executions wait for values.</summary>
internal sealed record UnstartedNodeEntry
{
    /// <summary>The node.</summary>
    public required string NodeId { get; init; }

    /// <summary>The first node execution that waits; null for a node at which no value has arrived.</summary>
    public Guid? NodeExecId { get; init; }

    /// <summary>What it lacks, in English.</summary>
    public required string Text { get; init; }
}
