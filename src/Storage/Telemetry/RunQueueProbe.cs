using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Telemetry;

/// <summary>Counts the runs that have not ended, over all users, in the index of unfinished runs.</summary>
/// <param name="database">The database.</param>
public sealed class RunQueueProbe(Database database)
{
    /// <summary>The time of the last event of a run <c>r</c>.</summary>
    internal const string LastEvent = "(SELECT e.at FROM execution_events e WHERE e.run_id = r.id ORDER BY e.seq DESC LIMIT 1)";

    /// <summary>The condition for a run <c>r</c> that has logged nothing since <c>$1</c> and waits for no run below it.</summary>
    // The second condition is that of the index. A run that started lately cannot be stuck, so few logs are looked at. A run waits for its sub-agents for
    // as long as they take.
    internal const string IsStuck =
        $"""
        r.status = 'RUNNING' AND r.status NOT IN {FinalStatuses.Sql} AND r.started_at < $1 AND {LastEvent} < $1
          AND NOT EXISTS (SELECT FROM runs c WHERE c.parent_run_id = r.id AND c.status NOT IN {FinalStatuses.Sql})
        """;

    private const string Sql =
        $"""
        SELECT status, count(*), min(coalesce(queued_at, created_at)), 0::bigint FROM runs
        WHERE status NOT IN {FinalStatuses.Sql} GROUP BY status
        UNION ALL
        SELECT NULL, 0, NULL, count(*) FROM runs r WHERE {IsStuck}
        """;

    /// <summary>The runs as they are committed.</summary>
    /// <param name="silentSince">A run that has logged nothing since then counts as stuck.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<RunQueueState> ReadAsync(DateTimeOffset silentSince, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            Sql,
            [silentSince],
            row => (Status: row.GetStringOrNull(0), Count: row.GetInt64(1), Oldest: row.GetTimeOrNull(2), Stuck: row.GetInt64(3)),
            cancellationToken);
        var runs = rows.Where(row => row.Status is not null).ToDictionary(row => row.Status!, row => row.Count, StringComparer.Ordinal);
        return new RunQueueState(runs, rows.Find(row => row.Status == "QUEUED").Oldest, rows.Sum(row => row.Stuck));
    }
}
