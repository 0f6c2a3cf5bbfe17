using Npgsql;

namespace Grainflow.Storage.Execution;

/// <inheritdoc cref="IRunStore"/>
/// <param name="dataSource">The database.</param>
public sealed class RunStore(NpgsqlDataSource dataSource) : IRunStore
{
    /// <summary>What a row of runs has measured: it stands beside the head of its log, which is written with each step.</summary>
    internal const string Stats = "(SELECT h.stats FROM run_head h WHERE h.run_id = runs.id)";

    private const string Columns =
        $"""
        id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, parent_run_id, parent_node_execution_id, request_key,
        created_at, queued_at, started_at, ended_at, error, {Stats}, deleted, credential_inputs, preset_id
        """;

    private const string Unfinished = $"status NOT IN {FinalStatuses.Sql}";

    /// <inheritdoc/>
    public async Task<RunCreation> CreateAsync(NewRun run, IReadOnlyList<NodeRow> nodes, CancellationToken cancellationToken)
    {
        if (nodes.Any(node => node.RunId != run.Id))
            throw new ArgumentException($"Every node execution must belong to run {run.Id}.", nameof(nodes));

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // One statement, one round trip, one commit: the head and the nodes follow the row that was inserted, if one was. The lock on the
        // version of the graph makes a deletion wait, and is taken on the newest state of the row.
        var answers = await connection.ListAsync(
            $"""
            WITH graph AS (
              SELECT FROM graphs WHERE id = $19 AND version = $20 AND deleted_at IS NULL FOR KEY SHARE
            ), run AS (
              INSERT INTO runs (id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, parent_run_id,
                parent_node_execution_id, request_key, created_at, queued_at, credential_inputs, preset_id)
              SELECT $17, $18, $19, $20, $21, $22, $23, $24, $25::uuid, $26::uuid, $27::text, $28, $29::timestamptz, $30::json, $31::text
              FROM graph
              ON CONFLICT DO NOTHING
              RETURNING id, status
            ), head AS (
              INSERT INTO run_head (run_id, epoch, last_seq, status) SELECT id, 0, 0, status FROM run
            ), nodes AS (
              INSERT INTO node_executions ({NodeRows.Columns})
              SELECT node.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS node, run
            )
            SELECT EXISTS (SELECT FROM graph), EXISTS (SELECT FROM run)
            """,
            [
                .. NodeRows.Parameters(nodes),
                run.Id, run.UserId, run.GraphId, run.GraphVersion, run.Status, Sql.Json(run.Inputs), Sql.Json(run.Spec), run.RootRunId,
                run.ParentRunId, run.ParentNodeExecutionId, run.RequestKey, run.CreatedAt, run.QueuedAt,
                Sql.Json(run.CredentialInputs), run.PresetId,
            ],
            row => (Graph: row.GetBoolean(0), Run: row.GetBoolean(1)),
            cancellationToken);
        return answers[0] switch
        {
            { Run: true } => RunCreation.Created,
            { Graph: true } => RunCreation.Exists,
            _ => RunCreation.GraphNotFound,
        };
    }

    /// <inheritdoc/>
    public Task<RunRow?> FindAsync(Guid runId, CancellationToken cancellationToken) =>
        dataSource.FirstAsync($"SELECT {Columns} FROM runs WHERE id = $1", [runId], MapRun, cancellationToken);

    /// <inheritdoc/>
    public Task<RunRow?> FindByRequestKeyAsync(string userId, string requestKey, CancellationToken cancellationToken) =>
        dataSource.FirstAsync(
            $"SELECT {Columns} FROM runs WHERE user_id = $1 AND request_key = $2",
            [userId, requestKey],
            MapRun,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> UnfinishedAsync(CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"SELECT id, user_id, graph_id, graph_version, status, parent_run_id, created_at FROM runs WHERE {Unfinished} ORDER BY created_at, id",
            [],
            MapSummary,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> ActiveOfUserAsync(string userId, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"""
            SELECT id, user_id, graph_id, graph_version, status, parent_run_id, created_at FROM runs
            WHERE user_id = $1 AND {Unfinished} ORDER BY created_at, id
            """,
            [userId],
            MapSummary,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> UnfinishedOfGraphAsync(string userId, Guid graphId, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"SELECT id FROM runs WHERE user_id = $1 AND graph_id = $2 AND {Unfinished} ORDER BY created_at, id",
            [userId, graphId],
            row => row.GetGuid(0),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeExecutionRecord>> NodeExecutionsAsync(Guid runId, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var nodes = await connection.ListAsync(
            $"SELECT {NodeRows.Columns}, fee FROM node_executions WHERE run_id = $1 ORDER BY ordinal DESC LIMIT $2",
            [runId, limit],
            row => (Row: NodeRows.Map(row), Fee: row.GetInt64(16)),
            cancellationToken);
        nodes.Reverse();
        var outputs = await connection.ListAsync(
            """
            SELECT node_execution_id, ordinal, pin, value FROM node_outputs
            WHERE run_id = $1 AND node_execution_id = ANY ($2) ORDER BY seq
            """,
            [runId, nodes.Select(node => node.Row.Id).ToArray()],
            MapOutput,
            cancellationToken);
        var byNode = outputs.ToLookup(output => output.NodeExecutionId);
        return [.. nodes.Select(node => new NodeExecutionRecord(node.Row, node.Fee, [.. byNode[node.Row.Id]]))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeOutputRow>> OutputsAsync(
        Guid runId,
        IReadOnlyList<string>? blockIds,
        CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            """
            SELECT o.node_execution_id, o.ordinal, o.pin, o.value FROM node_outputs o
            WHERE o.run_id = $1
              AND ($2::text[] IS NULL OR o.node_execution_id IN (SELECT id FROM node_executions WHERE run_id = $1 AND block_id = ANY ($2)))
            ORDER BY o.seq
            """,
            [runId, blockIds?.ToArray()],
            MapOutput,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(Guid runId, string userId, CancellationToken cancellationToken) =>
        await dataSource.ExecuteAsync(
            "UPDATE runs SET deleted = true WHERE id = $1 AND user_id = $2 AND NOT deleted",
            [runId, userId],
            cancellationToken) == 1;

    private static NodeOutputRow MapOutput(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt32(1), row.GetString(2), row.GetJson(3));

    private static RunSummary MapSummary(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), row.GetGuid(2), row.GetInt32(3), row.GetString(4), row.GetGuidOrNull(5), row.GetTime(6));

    private static RunRow MapRun(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetString(1),
        GraphId = row.GetGuid(2),
        GraphVersion = row.GetInt32(3),
        Status = row.GetString(4),
        Inputs = row.GetJson(5),
        Spec = row.GetJson(6),
        RootRunId = row.GetGuid(7),
        ParentRunId = row.GetGuidOrNull(8),
        ParentNodeExecutionId = row.GetGuidOrNull(9),
        RequestKey = row.GetStringOrNull(10),
        CreatedAt = row.GetTime(11),
        QueuedAt = row.GetTimeOrNull(12),
        StartedAt = row.GetTimeOrNull(13),
        EndedAt = row.GetTimeOrNull(14),
        Error = row.GetStringOrNull(15),
        Stats = row.GetBytesOrNull(16),
        Deleted = row.GetBoolean(17),
        CredentialInputs = row.GetBytesOrNull(18),
        PresetId = row.GetStringOrNull(19),
    };
}
