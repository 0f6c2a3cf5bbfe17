using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>
/// One recorded step of a run. The log consists of these events, and the state of a run follows from them alone. The nested records are all
/// kinds of events.
/// </summary>
/// <param name="At">When it happened, UTC.</param>
public abstract record RunEvent(DateTimeOffset At)
{
    /// <summary>The run was admitted and begins.</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record Started(DateTimeOffset At) : RunEvent(At);

    /// <summary>A node execution was dispatched to a silo. The event is durable before the node is sent, except for nodes that may run ahead of the log (ADR 0014).</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="NodeExecutionId">The node execution.</param>
    /// <param name="Attempt">1 for the first attempt; more after an earlier attempt was lost.</param>
    /// <param name="Host">The identity of the silo of the run. An effect-free node runs there; where another node runs is in <see cref="NodeBegan"/>.</param>
    /// <param name="Price">The price in credits, charged before the block starts.</param>
    /// <param name="Epoch">The epoch of the session that dispatched it. It distinguishes the attempt from one whose dispatch never became durable.</param>
    /// <param name="NotBefore">The earliest time of its start after a lost attempt (<see cref="RunLimits.SecondAttemptDelay"/>), or null.</param>
    /// <param name="ReportsBegin">
    /// Whether its block starts only after <see cref="NodeBegan"/> is durable. False for effect-free nodes and in logs of releases without that event; such an attempt
    /// has begun when it is dispatched.
    /// </param>
    public sealed record NodeDispatched(
        DateTimeOffset At, Guid NodeExecutionId, int Attempt, string Host, long Price, long Epoch = 0, DateTimeOffset? NotBefore = null, bool ReportsBegin = false) : RunEvent(At);

    /// <summary>
    /// An attempt is about to start its block; the event is durable before the block starts. Each attempt begins once: a second start of it, on the same
    /// silo or on another, is answered that it is stale.
    /// </summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="NodeExecutionId">The node execution.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="Start">The silo on which it runs, and its number there.</param>
    public sealed record NodeBegan(DateTimeOffset At, Guid NodeExecutionId, int Attempt, AttemptStart Start) : RunEvent(At);

    /// <summary>
    /// The process that runs a node execution is shutting down and does not finish it. The node execution is dispatched again when its silo is gone or has no such attempt
    /// any more; the attempt does not count as lost (<see cref="RunLimits.MaxAttempts"/>).
    /// </summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="NodeExecutionId">The node execution.</param>
    /// <param name="Attempt">The attempt.</param>
    public sealed record NodeInterrupted(DateTimeOffset At, Guid NodeExecutionId, int Attempt) : RunEvent(At);

    /// <summary>A node of <see cref="RunSpec.NodesToSkip"/> was skipped: it is COMPLETED without outputs, and neither charged nor counted.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="NodeExecutionId">The node execution.</param>
    public sealed record NodeSkipped(DateTimeOffset At, Guid NodeExecutionId) : RunEvent(At);

    /// <summary>A block emitted a value.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="NodeExecutionId">The node execution.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="Ordinal">The number among the outputs of the attempt, from 0.</param>
    /// <param name="Pin">The output pin.</param>
    /// <param name="Value">The value.</param>
    public sealed record NodeOutput(DateTimeOffset At, Guid NodeExecutionId, int Attempt, int Ordinal, string Pin, JsonElement Value) : RunEvent(At);

    /// <summary>A node execution ended.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="NodeExecutionId">The node execution.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="Status">COMPLETED, FAILED, TERMINATED or REVIEW.</param>
    /// <param name="Error">The text for the <c>error</c> pin when it failed, else null.</param>
    /// <param name="Charged">The credits charged for it.</param>
    /// <param name="OutOfCredits">True when it failed because the balance was too low, which also fails the run.</param>
    /// <param name="Stats">The statistics.</param>
    /// <param name="Warnings">The losses in it or in its sub-agent, without the id of the node; null when there are none.</param>
    /// <param name="OverBudget">True when it failed because what was left of the budget of the run was too small, which also fails the run.</param>
    public sealed record NodeEnded(
        DateTimeOffset At, Guid NodeExecutionId, int Attempt, ExecutionStatus Status, string? Error, long Charged, bool OutOfCredits, NodeStats Stats,
        RunWarnings? Warnings = null, bool OverBudget = false) : RunEvent(At);

    /// <summary>All reviews that the run has waited for are decided. The run is QUEUED again, and so are the node executions in review, under their ids (contract: semantics 2.12).</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record Reviewed(DateTimeOffset At) : RunEvent(At);

    /// <summary>The run must end early: no further node starts, and running nodes are cancelled.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Outcome">TERMINATED or FAILED.</param>
    /// <param name="Reason">The reason, or null when a user stopped the run.</param>
    /// <param name="FailureReason">The reason for programs, one of <see cref="RunFailures"/>, or null.</param>
    public sealed record StopRequested(DateTimeOffset At, ExecutionStatus Outcome, string? Reason, string? FailureReason = null) : RunEvent(At);

    /// <summary>The run has ended, or waits for a review.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Status">COMPLETED, FAILED, TERMINATED or REVIEW.</param>
    /// <param name="Error">Why it failed, or null.</param>
    /// <param name="Warnings">The losses in the run; null when there are none. They are in the log, so that rows, live events and later versions show the same.</param>
    public sealed record Ended(DateTimeOffset At, ExecutionStatus Status, string? Error, RunWarnings? Warnings = null) : RunEvent(At);
}
