using Grainflow.Storage.Hosting;
using Npgsql;

namespace Grainflow.Storage.Execution;

/// <summary>Writes batches of the execution log by <see cref="LogStatement"/>.</summary>
/// <param name="database">The database.</param>
/// <param name="options">Threshold, fee and window of the dispatch counts.</param>
/// <param name="lane">The lane in which this process counts dispatches.</param>
public sealed class NpgsqlLogTransport(Database database, ExecutionLogOptions options, WriterLane lane) : ILogTransport
{
    /// <inheritdoc/>
    public async Task<LogBatchResult> WriteAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            Plan.ByIndex,
            LogStatement.Statement.Sql,
            LogStatement.Statement.Parameters(new LogRows(batch, options, lane.Number)),
            row => (Won: row.GetGuidOrNull(0), Fee: row.GetGuidOrNull(1), User: row.GetStringOrNull(2), Count: row.IsDBNull(3) ? 0 : row.GetInt64(3)),
            cancellationToken);
        return new LogBatchResult(
            rows.Select(row => row.Won).OfType<Guid>().ToHashSet(),
            rows.Select(row => row.Fee).OfType<Guid>().ToHashSet(),
            rows.Where(row => row.User is not null).ToDictionary(row => row.User!, row => row.Count, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunHead>> ReadHeadsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            "SELECT run_id, epoch, last_seq, status FROM run_head WHERE run_id = ANY ($1)",
            [runIds.ToArray()],
            MapHead,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> ReadFeesAsync(IReadOnlyList<Guid> nodeExecutionIds, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            "SELECT id FROM node_executions WHERE id = ANY ($1) AND fee > 0",
            [nodeExecutionIds.ToArray()],
            row => row.GetGuid(0),
            cancellationToken);

    internal static RunHead MapHead(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3));
}
