namespace Grainflow.Storage.Execution;

/// <summary>Commits of many runs that are written by one statement.</summary>
public sealed class LogBatch
{
    internal LogBatch(IReadOnlyList<RunCommit> commits)
    {
        Commits = commits;
        var chains = new Dictionary<Guid, RunChain>();
        foreach (var commit in commits)
        {
            if (!chains.TryGetValue(commit.RunId, out var chain))
                chains.Add(commit.RunId, new RunChain(commit));
            else if (!chain.TryAdd(commit))
                throw new ArgumentException("The commits of a run must follow each other.", nameof(commits));
        }

        Chains = chains;
    }

    /// <summary>The commits, in the order of their requests.</summary>
    public IReadOnlyList<RunCommit> Commits { get; }

    internal IReadOnlyDictionary<Guid, RunChain> Chains { get; }
}

/// <summary>The result of one statement of the execution log.</summary>
/// <param name="Won">The runs whose commits are durable; nothing was written for the others.</param>
/// <param name="Fees">The counted dispatches that owe a fee.</param>
/// <param name="Counts">The number of the last counted dispatch, by user.</param>
public sealed record LogBatchResult(IReadOnlySet<Guid> Won, IReadOnlySet<Guid> Fees, IReadOnlyDictionary<string, long> Counts);
