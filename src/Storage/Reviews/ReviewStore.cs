using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;
using Npgsql;

namespace Grainflow.Storage.Reviews;

/// <inheritdoc cref="IReviewStore"/>
/// <param name="database">The database.</param>
public sealed class ReviewStore(Database database) : IReviewStore, IGraphSettingsStore
{
    private const string Columns =
        "v.node_execution_id, v.run_id, v.user_id, v.graph_id, v.graph_version, v.node_id, v.payload, v.instructions, v.editable, v.status, v.message, v.was_edited, v.processed, v.created_at, v.updated_at, v.reviewed_at";

    /// <inheritdoc/>
    public async Task<Review> RequestAsync(Review review, CancellationToken cancellationToken)
    {
        // The statement sees the rows from before it: of a review that it inserts itself nothing is found.
        var found = await database.ListAsync(
            Plan.ByIndex,
            $"""
            WITH auto AS (
              SELECT FROM auto_approvals WHERE run_id = $2 AND node_id = $6
            ), request AS (
              INSERT INTO reviews (node_execution_id, run_id, user_id, graph_id, graph_version, node_id, payload, instructions, editable, status, processed, created_at)
              SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'WAITING', false, $10 WHERE NOT EXISTS (SELECT FROM auto)
              ON CONFLICT (node_execution_id) DO NOTHING
            ), processed AS (
              UPDATE reviews SET processed = true WHERE node_execution_id = $1 AND status <> 'WAITING' AND NOT processed
            )
            SELECT EXISTS (SELECT FROM auto), {Columns} FROM (SELECT 1) AS one LEFT JOIN reviews v ON v.node_execution_id = $1 AND v.status <> 'WAITING'
            """,
            [
                review.NodeExecutionId, review.RunId, review.UserId, review.GraphId, review.GraphVersion, review.NodeId,
                Sql.Json(JsonValues.CompactUtf8(review.Payload)), (object?)review.Instructions ?? DBNull.Value, review.IsEditable, Sql.Time(review.CreatedAt),
            ],
            row => (IsAuto: row.GetBoolean(0), Decided: row.IsDBNull(1) ? null : Map(row, 1)),
            cancellationToken);
        var (isAuto, decided) = found[0];
        return decided ?? (isAuto ? review with { State = ReviewState.Approved } : review);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Review>> FindAsync(string userId, IReadOnlyCollection<Guid> nodeExecutionIds, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex, $"SELECT {Columns} FROM reviews v WHERE v.node_execution_id = ANY ($2) AND v.user_id = $1", [userId, nodeExecutionIds.ToArray()], row => Map(row), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Review>> WaitingAsync(string userId, long offset, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT {Columns} FROM reviews v JOIN runs r ON r.id = v.run_id AND r.status NOT IN {FinalStatuses.Sql} AND NOT r.deleted
            WHERE v.user_id = $1 AND v.status = 'WAITING' ORDER BY v.created_at DESC, v.node_execution_id LIMIT $3 OFFSET $2
            """,
            [userId, offset, limit],
            row => Map(row),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Review>> OfRunAsync(Guid runId, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex, $"SELECT {Columns} FROM reviews v WHERE v.run_id = $1 ORDER BY v.created_at, v.node_execution_id", [runId], row => Map(row), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> HasWaitingAsync(Guid runId, CancellationToken cancellationToken) =>
        (await database.ListAsync(Plan.ByIndex, "SELECT EXISTS (SELECT FROM reviews WHERE run_id = $1 AND status = 'WAITING')", [runId], row => row.GetBoolean(0), cancellationToken))[0];

    /// <inheritdoc/>
    public async Task<bool> DecideAsync(Guid runId, IReadOnlyList<Review> decided, IReadOnlyCollection<string> approvedNodes, CancellationToken cancellationToken) =>
        (await database.ListAsync(
            Plan.ByIndex,
            """
            WITH waiting AS (
              SELECT node_execution_id FROM reviews WHERE node_execution_id = ANY ($2) AND run_id = $1 AND status = 'WAITING' ORDER BY node_execution_id FOR UPDATE
            ), verdict AS (
              SELECT count(*) = cardinality($2::uuid[]) AS holds FROM waiting
            ), decided AS (
              UPDATE reviews v SET status = d.status, payload = d.payload::json, message = d.message, was_edited = d.was_edited, updated_at = d.at, reviewed_at = d.at
              FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[]) AS d (id, status, payload, message, was_edited, at)
              WHERE v.node_execution_id = d.id AND (SELECT holds FROM verdict)
            ), approved AS (
              INSERT INTO auto_approvals (run_id, node_id, created_at) SELECT $1, node_id, now() FROM unnest($8::text[]) AS node_id WHERE (SELECT holds FROM verdict) ON CONFLICT DO NOTHING
            )
            SELECT holds FROM verdict
            """,
            [
                runId,
                decided.Select(review => review.NodeExecutionId).ToArray(),
                decided.Select(review => review.State.Name()).ToArray(),
                decided.Select(review => JsonValues.Compact(review.Payload)).ToArray(),
                decided.Select(review => review.Message).ToArray(),
                decided.Select(review => review.WasEdited ?? false).ToArray(),
                decided.Select(review => review.ReviewedAt!.Value.ToUniversalTime()).ToArray(),
                approvedNodes.Distinct(StringComparer.Ordinal).ToArray(),
            ],
            row => row.GetBoolean(0),
            cancellationToken))[0];

    /// <inheritdoc/>
    public Task CloseAsync(Guid runId, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            Plan.ByIndex,
            "UPDATE reviews SET status = 'REJECTED', processed = true, message = $2, updated_at = $3, reviewed_at = $3 WHERE run_id = $1 AND status = 'WAITING'",
            [runId, ReviewRule.StoppedMessage, Sql.Time(now)],
            cancellationToken);

    /// <inheritdoc/>
    async Task<GraphSafety> IGraphSettingsStore.FindAsync(Guid graphId, CancellationToken cancellationToken) =>
        (await database.ListAsync(
            Plan.ByIndex,
            "SELECT human_in_the_loop_safe_mode, sensitive_action_safe_mode FROM graph_settings WHERE graph_id = $1",
            [graphId],
            row => new GraphSafety(row.GetBoolean(0), row.GetBoolean(1)),
            cancellationToken)).FirstOrDefault() ?? new GraphSafety();

    /// <inheritdoc/>
    Task IGraphSettingsStore.SetAsync(Guid graphId, GraphSafety settings, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            Plan.ByIndex,
            """
            INSERT INTO graph_settings (graph_id, human_in_the_loop_safe_mode, sensitive_action_safe_mode) VALUES ($1, $2, $3)
            ON CONFLICT (graph_id) DO UPDATE SET human_in_the_loop_safe_mode = $2, sensitive_action_safe_mode = $3
            """,
            [graphId, settings.ReviewsHumanInTheLoop, settings.ReviewsSensitiveActions],
            cancellationToken);

    private static Review Map(NpgsqlDataReader row, int first = 0) => new()
    {
        NodeExecutionId = row.GetGuid(first),
        RunId = row.GetGuid(first + 1),
        UserId = row.GetString(first + 2),
        GraphId = row.GetGuid(first + 3),
        GraphVersion = row.GetInt32(first + 4),
        NodeId = row.GetString(first + 5),
        Payload = JsonValues.ParseUtf8(row.GetJson(first + 6).Span),
        Instructions = row.GetStringOrNull(first + 7),
        IsEditable = row.GetBoolean(first + 8),
        State = ReviewStates.Parse(row.GetString(first + 9)),
        Message = row.GetStringOrNull(first + 10),
        WasEdited = row.IsDBNull(first + 11) ? null : row.GetBoolean(first + 11),
        IsProcessed = row.GetBoolean(first + 12),
        CreatedAt = row.GetTime(first + 13),
        UpdatedAt = row.GetTimeOrNull(first + 14),
        ReviewedAt = row.GetTimeOrNull(first + 15),
    };
}
