namespace Grainflow.Storage.Execution;

/// <summary>The events of one append of a run and the rows that change with them. All become durable or none.</summary>
public sealed record RunCommit
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The run's user, whose dispatches are counted.</summary>
    public required string UserId { get; init; }

    /// <summary>The epoch that <see cref="IExecutionLog.OpenAsync"/> gave to the caller.</summary>
    public required long Epoch { get; init; }

    /// <summary>The sequence of the run's last event before this commit; 0 for an empty log.</summary>
    public required long ExpectedSequence { get; init; }

    /// <summary>The events; at least one. They get the sequences after <see cref="ExpectedSequence"/>.</summary>
    public required IReadOnlyList<LogEvent> Events { get; init; }

    /// <summary>Rows of node executions to insert or replace; the last one of an id counts.</summary>
    public IReadOnlyList<NodeRow> Nodes { get; init; } = [];

    /// <summary>A change of the run, or null.</summary>
    public RunChange? Run { get; init; }

    /// <summary>Statistics of the contract (semantics 2.11), UTF-8 JSON; null keeps those that are stored.</summary>
    public ReadOnlyMemory<byte>? Stats { get; init; }

    /// <summary>
    /// Node executions whose dispatch counts towards the user's every-100th fee (semantics 3.2 step 3). Each needs its row in
    /// <see cref="Nodes"/>. They count at the latest <see cref="At"/> of the user's commits that are written together.
    /// </summary>
    public IReadOnlyList<Guid> CountedDispatches { get; init; } = [];

    /// <summary>
    /// True when some of <see cref="CountedDispatches"/> may start before they are durable, unless one may owe the fee
    /// (<see cref="LogAppend.IsFree"/>).
    /// </summary>
    public bool RunsAhead { get; init; }

    /// <summary>
    /// True when some of <see cref="CountedDispatches"/> have started already: if one of them would owe the fee by the count in the
    /// database, nothing is written.
    /// </summary>
    internal bool MustBeFree { get; init; }

    /// <summary>
    /// True when no caller waits for this commit and the run will commit again within milliseconds, because its effect-free nodes are under way. The writer may hold
    /// it back for at most <see cref="ExecutionLogOptions.MaxHold"/>, until the run sends one that may not wait; both are then written together.
    /// </summary>
    public bool MayWait { get; init; }

    /// <summary>When the commit was made.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>One event to be appended to a run's log.</summary>
public sealed record LogEvent
{
    /// <summary>The kind of event, opaque here.</summary>
    public required string Kind { get; init; }

    /// <summary>When it happened. Stored with a precision of a microsecond.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The event, UTF-8 JSON without the output's value.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The output the event announces, or null.</summary>
    public NodeOutputRow? Output { get; init; }
}

/// <summary>A change of the run itself. A null member leaves the stored value as it is.</summary>
public sealed record RunChange
{
    /// <summary>The new status; COMPLETED, FAILED and TERMINATED close the run's log for ever.</summary>
    public required string Status { get; init; }

    /// <summary>When the run was queued.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>When the run started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why the run failed.</summary>
    public string? Error { get; init; }
}
