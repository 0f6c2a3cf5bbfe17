using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>
/// A fact in the life of a run. The log keeps these and nothing else: whatever else there is to know of a run follows
/// from them. A closed set of cases.
/// </summary>
/// <param name="At">When it happened, UTC.</param>
public abstract record RunEvent(DateTimeOffset At)
{
    /// <summary>The run was admitted and begins.</summary>
    /// <param name="At">When.</param>
    public sealed record Started(DateTimeOffset At) : RunEvent(At);

    /// <summary>A node execution was handed to a host. Logged before it is sent, except where it may run ahead of the log (ADR 0014).</summary>
    /// <param name="At">When.</param>
    /// <param name="NodeExecutionId">Which.</param>
    /// <param name="Attempt">1 for the first, more when an earlier host is gone.</param>
    /// <param name="Host">The incarnation of the silo that runs it.</param>
    /// <param name="Price">Credits to charge before the block starts.</param>
    /// <param name="Epoch">The session that dispatched it. Reports of a dispatch that never became durable are told apart by it.</param>
    public sealed record NodeDispatched(DateTimeOffset At, Guid NodeExecutionId, int Attempt, string Host, long Price, long Epoch = 0) : RunEvent(At);

    /// <summary>
    /// The process that runs a node execution stops in order and will not finish it. The execution stays with its host until that is gone; the attempt then
    /// does not count as lost (<see cref="RunLimits.MaxAttempts"/>).
    /// </summary>
    /// <param name="At">When.</param>
    /// <param name="NodeExecutionId">Which.</param>
    /// <param name="Attempt">In which attempt.</param>
    public sealed record NodeInterrupted(DateTimeOffset At, Guid NodeExecutionId, int Attempt) : RunEvent(At);

    /// <summary>A node of the skip set was passed over: COMPLETED without outputs, neither charged nor counted.</summary>
    /// <param name="At">When.</param>
    /// <param name="NodeExecutionId">Which.</param>
    public sealed record NodeSkipped(DateTimeOffset At, Guid NodeExecutionId) : RunEvent(At);

    /// <summary>A block emitted a value.</summary>
    /// <param name="At">When.</param>
    /// <param name="NodeExecutionId">Which node execution.</param>
    /// <param name="Attempt">In which attempt.</param>
    /// <param name="Ordinal">Its place among the outputs of that attempt, from 0.</param>
    /// <param name="Pin">The output pin.</param>
    /// <param name="Value">The value.</param>
    public sealed record NodeOutput(DateTimeOffset At, Guid NodeExecutionId, int Attempt, int Ordinal, string Pin, JsonElement Value) : RunEvent(At);

    /// <summary>A node execution ended.</summary>
    /// <param name="At">When.</param>
    /// <param name="NodeExecutionId">Which.</param>
    /// <param name="Attempt">In which attempt.</param>
    /// <param name="Status">COMPLETED, FAILED, TERMINATED or REVIEW.</param>
    /// <param name="Error">The text for the <c>error</c> pin when it failed, else null.</param>
    /// <param name="Charged">Credits taken from the wallet for it.</param>
    /// <param name="OutOfCredits">True when it failed because the wallet could not pay; this fails the run.</param>
    /// <param name="Stats">What it measured.</param>
    public sealed record NodeEnded(
        DateTimeOffset At, Guid NodeExecutionId, int Attempt, ExecutionStatus Status, string? Error, long Charged, bool OutOfCredits, NodeStats Stats) : RunEvent(At);

    /// <summary>The run must end early: nothing new is started, what is under way is cancelled.</summary>
    /// <param name="At">When.</param>
    /// <param name="Outcome">TERMINATED or FAILED.</param>
    /// <param name="Reason">Why, or null when a user asked for it.</param>
    public sealed record StopRequested(DateTimeOffset At, ExecutionStatus Outcome, string? Reason) : RunEvent(At);

    /// <summary>The run has ended, or pauses for review.</summary>
    /// <param name="At">When.</param>
    /// <param name="Status">COMPLETED, FAILED, TERMINATED or REVIEW.</param>
    /// <param name="Error">Why it failed, or null.</param>
    public sealed record Ended(DateTimeOffset At, ExecutionStatus Status, string? Error) : RunEvent(At);
}
