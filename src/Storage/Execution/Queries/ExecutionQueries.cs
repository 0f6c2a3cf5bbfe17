using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Npgsql;

namespace Grainflow.Storage.Execution;

/// <inheritdoc cref="IExecutionQueries"/>
/// <param name="database">The database.</param>
public sealed class ExecutionQueries(Database database) : IExecutionQueries
{
    private const string Columns =
        $"id, user_id, graph_id, graph_version, status, inputs, credential_inputs, preset_id, started_at, ended_at, error, {RunStore.Stats}, parent_run_id, spec -> 'schedule', spec -> 'webhook', (spec ->> 'is_dry_run')::boolean";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExecutionRow>> OfUserAsync(string userId, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"SELECT {Columns} FROM runs WHERE user_id = $1 AND NOT deleted ORDER BY created_at DESC, id LIMIT $2",
            [userId, limit],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<ExecutionPage> OfGraphAsync(string userId, Guid graphId, int page, int pageSize, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var total = await session.ListAsync(
            Plan.ByIndex,
            "SELECT count(*) FROM runs WHERE user_id = $1 AND graph_id = $2 AND NOT deleted",
            [userId, graphId],
            row => row.GetInt64(0),
            cancellationToken);
        var rows = await session.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT {Columns} FROM runs WHERE user_id = $1 AND graph_id = $2 AND NOT deleted
            ORDER BY created_at DESC, id LIMIT $3 OFFSET $4
            """,
            [userId, graphId, pageSize, (page - 1L) * pageSize],
            Map,
            cancellationToken);
        return new ExecutionPage(rows, total[0]);
    }

    /// <inheritdoc/>
    public async Task<bool> HasSeveralAsync(string userId, Guid graphId, CancellationToken cancellationToken) => (await database.ListAsync(
        Plan.ByIndex,
        "SELECT id FROM runs WHERE user_id = $1 AND graph_id = $2 AND NOT deleted LIMIT 2",
        [userId, graphId],
        row => row.GetGuid(0),
        cancellationToken)).Count > 1;

    /// <inheritdoc/>
    public async Task<ExecutionRow?> FindAsync(string userId, Guid runId, CancellationToken cancellationToken)
    {
        // By the id alone: given the user as well, a plan may go through all runs of the user.
        var row = await database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM runs WHERE id = $1 AND NOT deleted", [runId], Map, cancellationToken);
        return row?.UserId == userId ? row : null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExecutionOutput>> OutputsAsync(
        Guid runId, IReadOnlyList<string> outputBlockIds, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var emitted = (await session.ListAsync(
            Plan.ByIndex,
            """
            SELECT o.node_execution_id, o.pin, o.value
            FROM node_outputs o JOIN node_executions n ON n.id = o.node_execution_id
            WHERE o.run_id = $1 AND n.run_id = $1 AND n.block_id = ANY ($2) ORDER BY o.seq
            """,
            [runId, outputBlockIds.ToArray()],
            row => (Node: row.GetGuid(0), Pin: row.GetString(1), Value: row.GetJson(2)),
            cancellationToken)).ToLookup(output => output.Node);
        var nodes = await session.ListAsync(
            Plan.ByIndex,
            "SELECT id, node_id, status, queued_at, input FROM node_executions WHERE run_id = $1 AND block_id = ANY ($2) ORDER BY ordinal",
            [runId, outputBlockIds.ToArray()],
            row => new FinishedNode(
                row.GetString(1),
                ExecutionStatuses.Parse(row.GetString(2)),
                row.GetTimeOrNull(3),
                row.GetBytesOrNull(4) is { } input ? JsonValues.ParseUtf8(input.Span) : JsonValues.EmptyObject,
                [.. emitted[row.GetGuid(0)].Select(output => KeyValuePair.Create(output.Pin, JsonValues.ParseUtf8(output.Value.Span)))]),
            cancellationToken);
        return [.. GraphResults.Outputs(nodes).Select(output => new ExecutionOutput(output.Key, output.Value))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<Guid, ModelContext>> LastModelContextsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken)
    {
        if (runIds.Count == 0) return new Dictionary<Guid, ModelContext>();
        var rows = await database.ListAsync(
            Plan.ByIndex,
            """
            WITH RECURSIVE family (root, id) AS (
              SELECT id, id FROM unnest($1) AS given (id)
              UNION ALL
              SELECT f.root, r.id FROM family f JOIN runs r ON r.parent_run_id = f.id
            )
            SELECT DISTINCT ON (f.root) f.root, (n.stats ->> 'context_used')::bigint, (n.stats ->> 'context_max')::integer
            FROM family f JOIN node_executions n ON n.run_id = f.id
            WHERE n.stats ->> 'context_used' IS NOT NULL ORDER BY f.root, n.ended_at DESC, n.ordinal DESC
            """,
            [runIds.ToArray()],
            row => (Run: row.GetGuid(0), Context: new ModelContext(row.GetInt64(1), row.GetInt32(2))),
            cancellationToken);
        return rows.ToDictionary(row => row.Run, row => row.Context);
    }

    private static ExecutionRow Map(NpgsqlDataReader row)
    {
        var schedule = row.GetBytesOrNull(13) is { } json ? RunSpecCodec.ReadSchedule(json.Span) : null;
        var webhook = row.GetBytesOrNull(14) is { } origin ? RunSpecCodec.ReadWebhook(origin.Span) : null;
        return new ExecutionRow
        {
            Id = row.GetGuid(0),
            UserId = row.GetString(1),
            GraphId = row.GetGuid(2),
            GraphVersion = row.GetInt32(3),
            Status = row.GetString(4),
            Inputs = row.GetJson(5),
            CredentialInputs = row.GetBytesOrNull(6),
            PresetId = row.GetStringOrNull(7),
            StartedAt = row.GetTimeOrNull(8),
            EndedAt = row.GetTimeOrNull(9),
            Error = row.GetStringOrNull(10),
            Stats = row.GetBytesOrNull(11),
            TriggerSource = RunTriggers.SourceOf(schedule, row.GetGuidOrNull(12), webhook),
            ScheduleId = schedule?.Id,
            WebhookId = webhook?.Id,
            IsDryRun = !row.IsDBNull(15) && row.GetBoolean(15),
        };
    }
}
