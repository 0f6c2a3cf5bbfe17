namespace Grainflow.Storage.Execution;

/// <summary>What became of a <see cref="RunCommit"/>.</summary>
public enum CommitOutcome
{
    /// <summary>Everything in the commit is durable.</summary>
    Committed,

    /// <summary>Somebody else owns the run now, or the expected sequence is not its last one. Nothing was written; the caller's state is worthless.</summary>
    Stale,

    /// <summary>The run has a terminal status, which never changes. Nothing was written.</summary>
    Closed,

    /// <summary>The database cannot hold the data (a bad value, a broken constraint). Nothing was written; sending it again cannot help.</summary>
    Rejected,
}
