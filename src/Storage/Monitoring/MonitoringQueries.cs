using Grainflow.Engine.Monitoring;
using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Monitoring;

/// <summary>How often a block was executed and failed.</summary>
/// <param name="BlockId">The block.</param>
/// <param name="Total">Node executions of any status.</param>
/// <param name="Failed">Of these, those that FAILED.</param>
public sealed record BlockCountRow(string BlockId, long Total, long Failed);

/// <summary>What the checks of the platform read (contract: semantics 9.1 to 9.3). Each is one statement with a bounded answer.</summary>
public interface IMonitoringQueries
{
    /// <summary>
    /// The late executions: of each status the <see cref="LateExecutions.MostPerStatus"/> oldest, those that were not reported yet before the others.
    /// </summary>
    /// <param name="unstartedBefore">Executions that are QUEUED and were created before.</param>
    /// <param name="stuckBefore">Executions that are RUNNING and were created before.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<LateExecution>> FindLateAsync(DateTimeOffset unstartedBefore, DateTimeOffset stuckBefore, CancellationToken cancellationToken);

    /// <summary>The node executions by block that were added in a time.</summary>
    /// <param name="since">From then on.</param>
    /// <param name="until">Before then.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<BlockCountRow>> CountBlocksAsync(DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>The errors of the latest failures of blocks that were added in a time, at most <see cref="BlockErrorRates.MostSampled"/> of each block.</summary>
    /// <param name="blockIds">The blocks.</param>
    /// <param name="since">From then on.</param>
    /// <param name="until">Before then.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<(string BlockId, string Error)>> ReadErrorsAsync(IReadOnlyList<string> blockIds, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>The finished executions of graphs by day in UTC.</summary>
    /// <param name="graphIds">The graphs.</param>
    /// <param name="since">Created from then on.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ILookup<Guid, DailyAccuracy>> ReadAccuracyAsync(IReadOnlyList<Guid> graphIds, DateTimeOffset since, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IMonitoringQueries"/>
/// <param name="database">The database.</param>
public sealed class MonitoringQueries(Database database) : IMonitoringQueries
{
    // The conditions on the status are those of the index of unfinished runs.
    private static readonly string LateSql = $"({LateOf("QUEUED", "$1")}) UNION ALL ({LateOf("RUNNING", "$2")})";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LateExecution>> FindLateAsync(DateTimeOffset unstartedBefore, DateTimeOffset stuckBefore, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            LateSql,
            [unstartedBefore, stuckBefore],
            row => new LateExecution(row.GetGuid(0), row.GetString(1), row.GetGuid(2), row.GetInt32(3), row.GetString(4), row.GetTime(5), row.GetTimeOrNull(6), row.GetBoolean(7)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BlockCountRow>> CountBlocksAsync(DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            "SELECT block_id, count(*), count(*) FILTER (WHERE status = 'FAILED') FROM node_executions WHERE added_at >= $1 AND added_at < $2 GROUP BY block_id",
            [since, until],
            row => new BlockCountRow(row.GetString(0), row.GetInt64(1), row.GetInt64(2)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(string BlockId, string Error)>> ReadErrorsAsync(
        IReadOnlyList<string> blockIds, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            """
            SELECT block_id, error FROM (
              SELECT block_id, left(error, 2000) AS error, row_number() OVER (PARTITION BY block_id ORDER BY added_at DESC, id) AS place
              FROM node_executions
              WHERE added_at >= $2 AND added_at < $3 AND status = 'FAILED' AND error IS NOT NULL AND block_id = ANY ($1)
            ) AS failure
            WHERE place <= $4 ORDER BY block_id, place
            """,
            [blockIds.ToArray(), since, until, (long)BlockErrorRates.MostSampled],
            row => (row.GetString(0), row.GetString(1)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<ILookup<Guid, DailyAccuracy>> ReadAccuracyAsync(IReadOnlyList<Guid> graphIds, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT r.graph_id, (r.created_at AT TIME ZONE 'UTC')::date, count(*),
              100 * avg(CASE json_typeof(h.stats -> 'correctness_score') WHEN 'number' THEN (h.stats ->> 'correctness_score')::float8 END)
            FROM runs r JOIN run_head h ON h.run_id = r.id
            WHERE r.graph_id = ANY ($1) AND r.created_at >= $2 AND r.status IN {FinalStatuses.Sql} AND NOT r.deleted
            GROUP BY 1, 2
            """,
            [graphIds.ToArray(), since],
            row => (Graph: row.GetGuid(0), Day: new DailyAccuracy(row.GetFieldValue<DateOnly>(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetDouble(3))),
            cancellationToken);
        return rows.ToLookup(row => row.Graph, row => row.Day);
    }

    private static string LateOf(string status, string before) =>
        $"""
        SELECT r.id, r.user_id, r.graph_id, r.graph_version, r.status, r.created_at, r.started_at, l.run_id IS NOT NULL
        FROM runs r LEFT JOIN late_executions l ON l.run_id = r.id AND l.status = r.status
        WHERE r.status = '{status}' AND r.status NOT IN {FinalStatuses.Sql} AND r.created_at < {before} AND NOT r.deleted
        ORDER BY l.run_id IS NOT NULL, r.created_at LIMIT {LateExecutions.MostPerStatus}
        """;
}
