namespace Grainflow.Storage.Execution;

/// <summary>What one statement of the execution log did.</summary>
/// <param name="Won">The runs whose commits are durable; nothing was written for the others.</param>
/// <param name="Fees">The counted dispatches that owe a fee.</param>
/// <param name="Counts">The number of the last counted dispatch, by user.</param>
public sealed record LogBatchResult(IReadOnlySet<Guid> Won, IReadOnlySet<Guid> Fees, IReadOnlyDictionary<string, long> Counts);
