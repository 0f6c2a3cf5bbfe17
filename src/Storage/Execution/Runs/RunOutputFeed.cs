using System.Text;

namespace Grainflow.Storage.Execution;

/// <inheritdoc cref="IRunOutputFeed"/>
/// <param name="database">The database.</param>
public sealed class RunOutputFeed(Database database) : IRunOutputFeed
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<NamedOutput>> ReadAsync(
        Guid runId, IReadOnlyList<string> nodeIds, string pin, long afterSequence, long upToSequence, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            """
            SELECT o.seq, coalesce(n.input ->> 'name', ''), o.value::text
            FROM node_outputs o JOIN node_executions n ON n.id = o.node_execution_id
            WHERE o.run_id = $1 AND n.node_id = ANY ($2) AND o.pin = $3 AND o.seq > $4 AND o.seq <= $5
            ORDER BY o.seq
            """,
            [runId, nodeIds.ToArray(), pin, afterSequence, upToSequence],
            row => new NamedOutput(row.GetInt64(0), row.GetString(1), Encoding.UTF8.GetBytes(row.GetString(2))),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<long> FeeAsync(Guid nodeExecutionId, CancellationToken cancellationToken)
    {
        var fees = await database.ListAsync(
            Plan.ByIndex, "SELECT fee::bigint FROM node_executions WHERE id = $1", [nodeExecutionId], row => row.GetInt64(0), cancellationToken);
        return fees.Count > 0 ? fees[0] : 0;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> FamilyAsync(Guid rootRunId, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex, "SELECT id FROM runs WHERE root_run_id = $1 ORDER BY created_at, id", [rootRunId], row => row.GetGuid(0), cancellationToken);
}
