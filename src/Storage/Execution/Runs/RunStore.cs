using Npgsql;

namespace Grainflow.Storage.Execution;

/// <inheritdoc cref="IRunStore"/>
/// <param name="database">The database.</param>
public sealed class RunStore(Database database) : IRunStore
{
    /// <summary>The statistics of a row of <c>runs</c>. They are stored with the head of its log, which is written with each step anyway.</summary>
    internal const string Stats = "(SELECT h.stats FROM run_head h WHERE h.run_id = runs.id)";

    private const string Columns =
        $"""
        id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, parent_run_id, parent_node_execution_id, request_key,
        created_at, queued_at, started_at, ended_at, error, {Stats}, deleted, credential_inputs, preset_id
        """;

    private const string Unfinished = $"status NOT IN {FinalStatuses.Sql}";

    private static readonly RowColumns<NewRun> NewRunColumns = new RowColumns<NewRun>()
        .Uuid("id", run => run.Id)
        .Text("user_id", run => run.UserId)
        .Uuid("graph_id", run => run.GraphId)
        .Int("graph_version", run => run.GraphVersion)
        .Text("status", run => run.Status)
        .Json("inputs", run => run.Inputs)
        .Json("spec", run => run.Spec)
        .Uuid("root_run_id", run => run.RootRunId)
        .Uuid("parent_run_id", run => run.ParentRunId)
        .Uuid("parent_node_execution_id", run => run.ParentNodeExecutionId)
        .Text("request_key", run => run.RequestKey)
        .Time("created_at", run => run.CreatedAt)
        .Time("queued_at", run => run.QueuedAt)
        .Json("credential_inputs", run => run.CredentialInputs)
        .Text("preset_id", run => run.PresetId);

    // One statement, one round trip, one commit: heads and nodes follow the rows that were inserted. The lock on the version of a graph makes its
    // deletion wait. FOR KEY SHARE reads the newest state of the row, so a version that was deleted a moment ago is not found.
    private static readonly RowStatement<IReadOnlyList<PlannedRun>> CreateStatement = Creation(new RowStatement<IReadOnlyList<PlannedRun>>(), full: "");

    private static readonly RowColumns<PlannedRun> LimitColumns = new RowColumns<PlannedRun>()
        .Uuid("id", planned => planned.Run.Id)
        .Text("user_id", planned => planned.Run.UserId)
        .Uuid("graph_id", planned => planned.Run.GraphId)
        .Int("most", planned => planned.MostUnfinished!.Value);

    // The runs for which there is no room. A run that is stored already is none of them.
    private static readonly RowStatement<IReadOnlyList<PlannedRun>> CreateLimitedStatement = Creation(
        new RowStatement<IReadOnlyList<PlannedRun>>().Rows("limits", LimitColumns, Limited),
        full: $"""
            unfinished AS (
              SELECT pair.user_id, pair.graph_id,
                (SELECT count(*) FROM runs r WHERE r.user_id = pair.user_id AND r.graph_id = pair.graph_id AND {FinalStatuses.UnfinishedOfGraph}) AS count
              FROM (SELECT DISTINCT user_id, graph_id FROM @limits) AS pair
            ), full_up AS (
              SELECT id FROM (
                SELECT limits.id, limits.most, unfinished.count + row_number() OVER (PARTITION BY user_id, graph_id ORDER BY limits.id) AS place
                FROM @limits JOIN unfinished USING (user_id, graph_id)
                WHERE NOT EXISTS (SELECT FROM runs r WHERE r.id = limits.id)
              ) AS placed WHERE place > most
            ),
            """);

    // Taken until the end of the transaction by whoever stores runs with a limit, for their users and graphs. There are few of them, so that many runs do not fill
    // the lock table of the server, and they are taken in one order, so that nobody waits for another that waits for him.
    private static readonly RowStatement<IReadOnlyList<PlannedRun>> LockStatement = new RowStatement<IReadOnlyList<PlannedRun>>()
        .Rows("limits", LimitColumns, Limited)
        .Text(
            """
            SELECT count(pg_advisory_xact_lock(key)) FROM (
              SELECT DISTINCT hashtextextended('limited runs ' || (hashtextextended(user_id || ' ' || graph_id, 0) & 127), 0) AS key FROM @limits ORDER BY key
            ) AS keys
            """);

    private static readonly string NodesStatement = $"SELECT {NodeRows.Columns.Names}, fee FROM node_executions WHERE run_id = $1 ORDER BY ordinal DESC LIMIT $2";

    /// <inheritdoc/>
    public async Task<RunCreation> CreateAsync(NewRun run, IReadOnlyList<NodeRow> nodes, CancellationToken cancellationToken)
    {
        return (await CreateManyAsync([new PlannedRun(run, nodes)], cancellationToken))[run.Id];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<Guid, RunCreation>> CreateManyAsync(IReadOnlyList<PlannedRun> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0) return new Dictionary<Guid, RunCreation>();
        foreach (var (run, nodes) in runs)
        {
            if (nodes.Any(node => node.RunId != run.Id)) throw new ArgumentException($"Every node execution must belong to run {run.Id}.", nameof(runs));
            if (run.Host != runs[0].Run.Host) throw new ArgumentException("All runs must be created by the same silo.", nameof(runs));
        }

        var isLimited = runs.Any(planned => planned.MostUnfinished is not null);
        var statement = isLimited ? CreateLimitedStatement : CreateStatement;
        await using var session = await database.OpenAsync(cancellationToken);
        var answers = await session.ListAsync(
            Plan.ByIndex,
            isLimited ? (LockStatement.Sql, LockStatement.Parameters(runs)) : null,
            statement.Sql,
            statement.Parameters(runs),
            row => (Id: row.GetGuid(0), Graph: row.GetBoolean(1), Run: row.GetBoolean(2), Full: row.GetBoolean(3)),
            cancellationToken);
        return answers.ToDictionary(answer => answer.Id, answer => answer switch
        {
            { Run: true } => RunCreation.Created,
            { Full: true } => RunCreation.Full,
            { Graph: true } => RunCreation.Exists,
            _ => RunCreation.GraphNotFound,
        });
    }

    /// <inheritdoc/>
    public Task<RunRow?> FindAsync(Guid runId, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM runs WHERE id = $1", [runId], MapRun, cancellationToken);

    /// <inheritdoc/>
    public Task<RunRow?> FindByRequestKeyAsync(string userId, string requestKey, CancellationToken cancellationToken) =>
        database.FirstAsync(
            Plan.ByIndex,
            $"SELECT {Columns} FROM runs WHERE user_id = $1 AND request_key = $2",
            [userId, requestKey],
            MapRun,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> UnfinishedAsync(CancellationToken cancellationToken) =>
        await database.ListAsync(
            $"SELECT id, user_id, graph_id, graph_version, status, parent_run_id, created_at FROM runs r WHERE {Unfinished} AND {FinalStatuses.GoesOn} ORDER BY created_at, id",
            [],
            MapSummary,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> ActiveOfUserAsync(string userId, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT id, user_id, graph_id, graph_version, status, parent_run_id, created_at FROM runs
            WHERE user_id = $1 AND {Unfinished} ORDER BY created_at, id
            """,
            [userId],
            MapSummary,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> UnfinishedOfGraphAsync(string userId, Guid graphId, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"SELECT id FROM runs WHERE user_id = $1 AND graph_id = $2 AND {Unfinished} ORDER BY created_at, id",
            [userId, graphId],
            row => row.GetGuid(0),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeExecutionRecord>> NodeExecutionsAsync(Guid runId, int limit, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var nodes = await session.ListAsync(
            Plan.ByIndex,
            NodesStatement,
            [runId, limit],
            row => (Row: NodeRows.Map(row), Fee: row.GetInt64(16)),
            cancellationToken);
        nodes.Reverse();
        var outputs = await session.ListAsync(
            Plan.ByIndex,
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
        await database.ListAsync(
            Plan.ByIndex,
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
        await database.ExecuteAsync(
            Plan.ByIndex,
            "UPDATE runs SET deleted = true WHERE id = $1 AND user_id = $2 AND NOT deleted",
            [runId, userId],
            cancellationToken) == 1;

    private static List<PlannedRun> Limited(IReadOnlyList<PlannedRun> runs) => [.. runs.Where(planned => planned.MostUnfinished is not null)];

    /// <summary>The statement that stores runs.</summary>
    /// <param name="statement">The statement with the rows that <paramref name="full"/> names.</param>
    /// <param name="full">The tables up to <c>full_up</c>, the ids of runs that are not stored; empty for none.</param>
    private static RowStatement<IReadOnlyList<PlannedRun>> Creation(RowStatement<IReadOnlyList<PlannedRun>> statement, string full)
    {
        // PostgreSQL does not know how many rows an array has, and joins two of them by comparing each row with each. An IN that is part of an expression is looked up in a
        // hash table whatever it expects.
        var isFull = full.Length == 0 ? "false" : "run_rows.id IN (SELECT id FROM full_up)";
        const string HasGraph = "(run_rows.graph_id, run_rows.graph_version) IN (SELECT id, version FROM graph)";
        return statement
            .Value("host", runs => (object?)runs[0].Run.Host ?? DBNull.Value)
            .Rows("run_rows", NewRunColumns, runs => [.. runs.Select(planned => planned.Run)])
            .Rows("node_rows", NodeRows.Columns, runs => [.. runs.SelectMany(planned => planned.Nodes)])
            .Text(
                $"""
                WITH {full} graph AS (
                  SELECT g.id, g.version FROM graphs g
                  WHERE (g.id, g.version) IN (SELECT graph_id, graph_version FROM @run_rows) AND g.deleted_at IS NULL
                  ORDER BY g.id, g.version FOR KEY SHARE
                ), run AS (
                  INSERT INTO runs ({NewRunColumns.Names})
                  SELECT run_rows.* FROM @run_rows WHERE ({HasGraph}) IS TRUE AND ({isFull}) IS FALSE
                  ON CONFLICT DO NOTHING
                  RETURNING id, status
                ), head AS (
                  INSERT INTO run_head (run_id, epoch, last_seq, status, host, moved_at) SELECT id, 0, 0, status, @host, now() FROM run
                ), nodes AS (
                  INSERT INTO node_executions ({NodeRows.Columns.Names}) SELECT node_rows.* FROM @node_rows WHERE (run_id IN (SELECT id FROM run)) IS TRUE
                )
                SELECT id, {HasGraph}, id IN (SELECT id FROM run), {isFull} FROM @run_rows
                """);
    }

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
