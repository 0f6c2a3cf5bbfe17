using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Telemetry;

/// <summary>Looks at the queue of runs, over all users: a count in the index of unfinished runs.</summary>
/// <param name="database">The database.</param>
public sealed class RunQueueProbe(Database database)
{
    /// <summary>The queue as it is committed.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<RunQueueState> ReadAsync(CancellationToken cancellationToken)
    {
        // The second condition is that of the index.
        var rows = await database.ListAsync(
            $"""
            SELECT count(*), min(coalesce(queued_at, created_at)) FROM runs
            WHERE status = 'QUEUED' AND status NOT IN {FinalStatuses.Sql}
            """,
            [],
            row => new RunQueueState(row.GetInt64(0), row.GetTimeOrNull(1)),
            cancellationToken);
        return rows[0];
    }
}
