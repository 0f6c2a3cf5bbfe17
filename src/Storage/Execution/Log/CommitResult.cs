namespace Grainflow.Storage.Execution;

/// <summary>A commit on its way to the database.</summary>
/// <param name="IsFree">
/// True when it can only become durable if none of its dispatches owes the every-100th fee, so that who asked to run ahead
/// (<see cref="RunCommit.RunsAhead"/>) may. Known at once.
/// </param>
/// <param name="Committed">What becomes of it.</param>
public readonly record struct LogAppend(bool IsFree, Task<CommitResult> Committed);

/// <summary>The answer to a <see cref="RunCommit"/>.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Fees">
/// The counted dispatches of this commit whose running number of the user is a multiple of
/// <see cref="ExecutionLogOptions.ExecutionCostCountThreshold"/>, in the commit's order. Their node rows carry the fee. Empty unless committed.
/// </param>
/// <param name="Error">Why it was rejected, for the log; null otherwise.</param>
public sealed record CommitResult(CommitOutcome Outcome, IReadOnlyList<Guid> Fees, string? Error = null);

/// <summary>What became of a <see cref="RunCommit"/>.</summary>
public enum CommitOutcome
{
    /// <summary>Everything in the commit is durable.</summary>
    Committed,

    /// <summary>Another session has opened the run, or the expected sequence is not its last one. Nothing was written, and the caller has to discard its state.</summary>
    Stale,

    /// <summary>The run has a terminal status, which never changes. Nothing was written.</summary>
    Closed,

    /// <summary>The database cannot hold the data (a bad value, a broken constraint). Nothing was written; sending it again cannot help.</summary>
    Rejected,
}
