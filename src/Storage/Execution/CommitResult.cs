namespace Grainflow.Storage.Execution;

/// <summary>The answer to a <see cref="RunCommit"/>.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Fees">
/// The counted dispatches of this commit whose running number of the user is a multiple of
/// <see cref="ExecutionLogOptions.ExecutionCostCountThreshold"/>, in the commit's order. Their node rows carry the fee. Empty unless committed.
/// </param>
/// <param name="Error">Why it was rejected, for the log; null otherwise.</param>
public sealed record CommitResult(CommitOutcome Outcome, IReadOnlyList<Guid> Fees, string? Error = null);
