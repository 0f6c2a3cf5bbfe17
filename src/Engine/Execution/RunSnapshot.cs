using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>The stored state of a run after one of its events, so that a long log is not read from its beginning.</summary>
internal sealed record RunSnapshot
{
    public required ExecutionStatus Status { get; init; }
    public string? Error { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public required RunStats Stats { get; init; }
    public required int Created { get; init; }
    public required int Dispatched { get; init; }

    /// <summary>The executions that wait for a review, in order; null in snapshots of releases without reviews.</summary>
    public List<Guid>? Reviewed { get; init; }

    public bool HasBeenReviewed { get; init; }

    /// <summary>When the run was started the last time; null when it has waited for no review, so that it was started once.</summary>
    public DateTimeOffset? GoesOnSince { get; init; }

    /// <summary>Seconds for which the run had gone on before that.</summary>
    public double RanBefore { get; init; }

    public ExecutionStatus? StopOutcome { get; init; }
    public string? StopReason { get; init; }

    /// <summary>The executions that wait, are ready, run, or have ended with outputs that are not routed yet.</summary>
    public required List<Entry> Executions { get; init; }

    /// <summary>The nodes with an execution that was queued; null in snapshots of releases without warnings, after which no node gets the warning that it never ran.</summary>
    public List<string>? QueuedNodes { get; init; }

    /// <summary>The warnings so far, or null.</summary>
    public RunWarnings? Warnings { get; init; }

    /// <summary>The failures of nodes so far that are reported to the parent run, or null.</summary>
    public RunWarnings? Failures { get; init; }

    public required List<Guid> Ready { get; init; }
    public required Dictionary<string, List<Guid>> Lanes { get; init; }
    public required Dictionary<string, PinValues> LastInput { get; init; }

    internal sealed record Output(string Pin, JsonElement Value);

    internal sealed record Entry
    {
        public required Guid Id { get; init; }
        public required int Ordinal { get; init; }
        public required string NodeId { get; init; }
        public required ExecutionStatus Status { get; init; }
        public int Attempt { get; init; }

        /// <summary>
        /// Null in snapshots of releases without a limit of attempts; every attempt before the current one is then counted as lost, as for logs of those releases.
        /// </summary>
        public int? LostAttempts { get; init; }

        public bool Interrupted { get; init; }
        public bool WasReviewed { get; init; }

        /// <summary>
        /// True for a dispatched attempt that has not begun. False in snapshots of releases without that distinction, whose attempts have begun when they are dispatched.
        /// </summary>
        public bool NotBegun { get; init; }

        /// <summary>The number of the start that has begun, on <see cref="Host"/>; null when none has reported it.</summary>
        public long? Start { get; init; }

        public DateTimeOffset? NotBefore { get; init; }
        public string? Host { get; init; }
        public long Epoch { get; init; }
        public required PinValues Input { get; init; }
        public long Price { get; init; }
        public long Charged { get; init; }
        public required DateTimeOffset AddedAt { get; init; }
        public DateTimeOffset? QueuedAt { get; init; }
        public DateTimeOffset? StartedAt { get; init; }
        public DateTimeOffset? EndedAt { get; init; }
        public string? Error { get; init; }
        public NodeStats? Stats { get; init; }

        /// <summary>The outputs that are not routed yet; with <see cref="RoutedDigests"/> null, all outputs, of which the first <see cref="Routed"/> are routed.</summary>
        public required List<Output> Outputs { get; init; }

        public int Routed { get; init; }

        /// <summary>16 bytes for each routed output; null when none is routed, and in snapshots of older releases, which store the values of routed outputs.</summary>
        public byte[]? RoutedDigests { get; init; }

        /// <summary>Null in snapshots of releases that did not count it; it is then computed from the input.</summary>
        public long? ArrivedBytes { get; init; }

        public int NextOrdinal { get; init; }
        public int Inherited { get; init; }
        public bool Repeating { get; init; }
    }
}
