namespace Grainflow.Storage.Telemetry;

/// <summary>The runs of all users that have not ended.</summary>
/// <param name="Runs">Their number by status of the contract; a status that no run has may be missing.</param>
/// <param name="Oldest">The time since when the first of the queued ones waits; null when none is queued.</param>
/// <param name="Stuck">How many run, have no unfinished run below them, and have logged nothing since the time that was asked for.</param>
public sealed record RunQueueState(IReadOnlyDictionary<string, long> Runs, DateTimeOffset? Oldest, long Stuck)
{
    /// <summary>The number of queued runs.</summary>
    public long Depth => Runs.GetValueOrDefault("QUEUED");
}
