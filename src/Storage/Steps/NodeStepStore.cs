using System.Text;
using Npgsql;

namespace Grainflow.Storage.Steps;

/// <inheritdoc cref="INodeStepStore"/>
/// <param name="database">The database.</param>
public sealed class NodeStepStore(Database database) : INodeStepStore
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeStep>> ReadAsync(Guid nodeExecutionId, CancellationToken cancellationToken) =>
        await database.ListAsync(Plan.ByIndex, "SELECT step, kind, result::text FROM node_steps WHERE node_execution_id = $1 ORDER BY step", [nodeExecutionId], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<NodeStep> RecordAsync(Guid nodeExecutionId, NodeStep step, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            Plan.ByIndex,
            "INSERT INTO node_steps (node_execution_id, step, kind, result, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            [nodeExecutionId, step.Number, step.Kind, Sql.Json(step.Result), Sql.Time(now)],
            cancellationToken);
        var stored = await database.ListAsync(
            Plan.ByIndex, "SELECT step, kind, result::text FROM node_steps WHERE node_execution_id = $1 AND step = $2", [nodeExecutionId, step.Number], Map, cancellationToken);
        return stored[0];
    }

    /// <inheritdoc/>
    public Task ForgetAsync(Guid nodeExecutionId, DateTimeOffset before, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            Plan.ByIndex,
            """
            DELETE FROM node_steps WHERE node_execution_id = $1 OR node_execution_id IN (
              SELECT n.id FROM (SELECT DISTINCT node_execution_id FROM (SELECT node_execution_id FROM node_steps WHERE created_at < $2 ORDER BY created_at LIMIT 100) old) s
              JOIN node_executions n ON n.id = s.node_execution_id
              WHERE n.status IN ('COMPLETED', 'FAILED', 'TERMINATED'))
            """,
            [nodeExecutionId, Sql.Time(before)],
            cancellationToken);

    private static NodeStep Map(NpgsqlDataReader row) => new(row.GetInt32(0), row.GetString(1), Encoding.UTF8.GetBytes(row.GetString(2)));
}
