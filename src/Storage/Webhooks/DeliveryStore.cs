using Npgsql;

namespace Grainflow.Storage.Webhooks;

/// <summary>The inbox and log of deliveries (tables <c>webhook_deliveries</c> and <c>webhook_triggers</c>).</summary>
public interface IDeliveryStore
{
    /// <summary>Stores deliveries in one statement, each whose webhook is there and that was not stored before.</summary>
    /// <param name="deliveries">The deliveries, each with a <see cref="DeliveryRow.DueAt"/>. No two have the same id.</param>
    /// <param name="cancellationToken">Gives up waiting; whether they were stored is then unknown.</param>
    Task<IReadOnlyDictionary<Guid, DeliveryReceipt>> AddAsync(IReadOnlyList<DeliveryRow> deliveries, CancellationToken cancellationToken);

    /// <summary>Takes deliveries that are due, so that no other process takes them for a while, and counts an attempt of each.</summary>
    /// <param name="now">The time.</param>
    /// <param name="until">When those that have not ended are due again.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="maxBytes">How many bytes their payloads have together at most; one larger delivery is taken alone.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<DeliveryRow>> ClaimDueAsync(DateTimeOffset now, DateTimeOffset until, int limit, int maxBytes, CancellationToken cancellationToken);

    /// <summary>What was written of the triggers of deliveries.</summary>
    /// <param name="deliveryIds">The deliveries.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<TriggerRow>> TriggersAsync(IReadOnlyCollection<Guid> deliveryIds, CancellationToken cancellationToken);

    /// <summary>Writes down how the processing of deliveries went, all in one statement. Deliveries that were deleted meanwhile are passed over.</summary>
    /// <param name="ends">How each went.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task EndAsync(IReadOnlyList<DeliveryEnd> ends, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Stores a copy of a delivery, to be processed as a new one.</summary>
    /// <param name="replay">The webhook and the delivery.</param>
    /// <param name="copyId">The id of the copy; nothing is stored when it is taken.</param>
    /// <param name="now">The time.</param>
    /// <param name="dueAt">When it is processed if the caller does not do it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The copy with its payload; null when the webhook has no such delivery.</returns>
    Task<DeliveryRow?> ReplayAsync((Guid WebhookId, Guid DeliveryId) replay, Guid copyId, DateTimeOffset now, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>A page of the deliveries of a webhook, newest first, without their payloads.</summary>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="before">The last delivery of the page before; null for the first page.</param>
    /// <param name="limit">The size of the page.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<LoggedDelivery>> ListAsync(Guid webhookId, (DateTimeOffset At, Guid Id)? before, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes processed deliveries that are old, and of each webhook those beyond a number.</summary>
    /// <param name="receivedBefore">Those that came before this time are old.</param>
    /// <param name="mostOfWebhook">How many of each webhook are kept.</param>
    /// <param name="limit">How many are deleted at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> PruneAsync(DateTimeOffset receivedBefore, int mostOfWebhook, int limit, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IDeliveryStore"/>
/// <param name="database">The database.</param>
public sealed class DeliveryStore(Database database) : IDeliveryStore
{
    private const string Columns = "id, webhook_id, user_id, delivery_key, event, payload, replay_of, received_at, attempts, due_at";

    private static readonly RowColumns<DeliveryRow> AddedColumns = new RowColumns<DeliveryRow>()
        .Uuid("id", delivery => delivery.Id)
        .Uuid("webhook_id", delivery => delivery.WebhookId)
        .Text("user_id", delivery => delivery.UserId)
        .Text("delivery_key", delivery => delivery.Key)
        .Text("event", delivery => delivery.Event)
        .Json("payload", delivery => delivery.Payload)
        .Int("payload_bytes", delivery => delivery.Payload.Length)
        .Time("received_at", delivery => delivery.ReceivedAt)
        .Time("due_at", delivery => delivery.DueAt);

    // In the order of the ids, so that two statements with the same deliveries never wait for each other in a circle.
    private static readonly RowStatement<IReadOnlyList<DeliveryRow>> AddStatement = new RowStatement<IReadOnlyList<DeliveryRow>>()
        .Rows("given", AddedColumns, deliveries => deliveries)
        .Text(
            $"""
            WITH added AS (
              INSERT INTO webhook_deliveries ({AddedColumns.Names})
              SELECT given.* FROM @given WHERE (given.webhook_id IN (SELECT w.id FROM webhooks w WHERE w.id IN (SELECT webhook_id FROM @given))) IS TRUE
              ORDER BY given.id
              ON CONFLICT (id) DO NOTHING
              RETURNING id
            )
            SELECT given.id, (given.id IN (SELECT id FROM added)), (given.webhook_id IN (SELECT w.id FROM webhooks w WHERE w.id IN (SELECT webhook_id FROM @given))) FROM @given
            """);

    private static readonly RowColumns<TriggerRow> TriggerColumns = new RowColumns<TriggerRow>()
        .Uuid("delivery_id", trigger => trigger.DeliveryId)
        .Uuid("preset_id", trigger => trigger.PresetId)
        .Uuid("run_id", trigger => trigger.RunId)
        .Text("state", trigger => Name(trigger.State))
        .Text("reason", trigger => trigger.Reason)
        .Time("at", trigger => trigger.At);

    private static readonly RowColumns<DeliveryEnd> EndColumns = new RowColumns<DeliveryEnd>()
        .Uuid("id", end => end.DeliveryId)
        .Time("due_at", end => end.DueAt)
        .Text("error", end => end.Error);

    // The lock keeps a deletion of the webhook from taking a delivery away between its check and the insertion of its triggers.
    private static readonly RowStatement<(IReadOnlyList<DeliveryEnd> Ends, DateTimeOffset Now)> EndStatement = new RowStatement<(IReadOnlyList<DeliveryEnd> Ends, DateTimeOffset Now)>()
        .Rows("ends", EndColumns, input => input.Ends)
        .Rows("triggers", TriggerColumns, input => [.. input.Ends.SelectMany(end => end.Triggers)])
        .Value("now", input => input.Now.ToUniversalTime())
        .Text(
            $"""
            WITH known AS (
              SELECT d.id FROM webhook_deliveries d WHERE d.id IN (SELECT id FROM @ends) ORDER BY d.id FOR UPDATE
            ), written AS (
              INSERT INTO webhook_triggers ({TriggerColumns.Names})
              SELECT triggers.* FROM @triggers WHERE (triggers.delivery_id IN (SELECT id FROM known)) IS TRUE
              ON CONFLICT (delivery_id, preset_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, at = excluded.at WHERE webhook_triggers.state = 'waiting'
            )
            UPDATE webhook_deliveries d SET due_at = ends.due_at, error = ends.error, processed_at = CASE WHEN ends.due_at IS NULL THEN @now END
            FROM @ends WHERE d.id = ends.id AND d.id IN (SELECT id FROM known) AND d.processed_at IS NULL
            """);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<Guid, DeliveryReceipt>> AddAsync(IReadOnlyList<DeliveryRow> deliveries, CancellationToken cancellationToken)
    {
        var receipts = await database.ListAsync(
            Plan.ByIndex,
            AddStatement.Sql,
            AddStatement.Parameters(deliveries),
            row => (Id: row.GetGuid(0), Added: row.GetBoolean(1), Known: row.GetBoolean(2)),
            cancellationToken);
        return receipts.ToDictionary(receipt => receipt.Id, receipt => receipt switch
        {
            { Added: true } => DeliveryReceipt.Stored,
            { Known: true } => DeliveryReceipt.Repeated,
            _ => DeliveryReceipt.WebhookGone,
        });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeliveryRow>> ClaimDueAsync(DateTimeOffset now, DateTimeOffset until, int limit, int maxBytes, CancellationToken cancellationToken)
    {
        var claimed = await database.ListAsync(
            Plan.ByIndex,
            $"""
            WITH due AS (
              SELECT id, due_at, payload_bytes FROM webhook_deliveries WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
            ), taken AS (
              SELECT id FROM (SELECT id, sum(payload_bytes) OVER (ORDER BY due_at, id) - payload_bytes AS before FROM due) AS sized WHERE before < $4
            )
            UPDATE webhook_deliveries SET due_at = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM taken) RETURNING {Columns}
            """,
            [now, until, limit, maxBytes],
            Map,
            cancellationToken);
        return [.. claimed.OrderBy(delivery => delivery.ReceivedAt).ThenBy(delivery => delivery.Id)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TriggerRow>> TriggersAsync(IReadOnlyCollection<Guid> deliveryIds, CancellationToken cancellationToken) => deliveryIds.Count == 0 ? [] : await database.ListAsync(
        Plan.ByIndex,
        $"SELECT {TriggerColumns.Names} FROM webhook_triggers WHERE delivery_id = ANY ($1)",
        [deliveryIds.ToArray()],
        row => new TriggerRow(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), State(row.GetString(3)), row.GetStringOrNull(4), row.GetTime(5)),
        cancellationToken);

    /// <inheritdoc/>
    public Task EndAsync(IReadOnlyList<DeliveryEnd> ends, DateTimeOffset now, CancellationToken cancellationToken) =>
        ends.Count == 0 ? Task.CompletedTask : database.ExecuteAsync(Plan.ByIndex, EndStatement.Sql, EndStatement.Parameters((ends, now)), cancellationToken);

    /// <inheritdoc/>
    public async Task<DeliveryRow?> ReplayAsync((Guid WebhookId, Guid DeliveryId) replay, Guid copyId, DateTimeOffset now, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            Plan.ByIndex,
            """
            INSERT INTO webhook_deliveries (id, webhook_id, user_id, delivery_key, event, payload, payload_bytes, replay_of, received_at, due_at)
            SELECT $3, webhook_id, user_id, delivery_key, event, payload, payload_bytes, id, $4, $5 FROM webhook_deliveries WHERE id = $2 AND webhook_id = $1
            ON CONFLICT (id) DO NOTHING
            """,
            [replay.WebhookId, replay.DeliveryId, copyId, now, dueAt],
            cancellationToken);
        return await database.FirstAsync(
            Plan.ByIndex, $"SELECT {Columns} FROM webhook_deliveries WHERE id = $1 AND webhook_id = $2 AND replay_of = $3", [copyId, replay.WebhookId, replay.DeliveryId], Map, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LoggedDelivery>> ListAsync(Guid webhookId, (DateTimeOffset At, Guid Id)? before, int limit, CancellationToken cancellationToken)
    {
        var page = await database.ListAsync(
            Plan.ByIndex,
            """
            SELECT id, webhook_id, user_id, delivery_key, event, '{}'::json, replay_of, received_at, attempts, due_at, payload_bytes, processed_at, error FROM webhook_deliveries
            WHERE webhook_id = $1 AND ($2::timestamptz IS NULL OR (received_at, id) < ($2, $3)) ORDER BY received_at DESC, id DESC LIMIT $4
            """,
            [webhookId, Sql.Time(before?.At), Sql.Uuid(before?.Id), limit],
            row => new LoggedDelivery(Map(row), row.GetInt32(10), row.GetTimeOrNull(11), row.GetStringOrNull(12), []),
            cancellationToken);
        var triggers = (await TriggersAsync([.. page.Select(logged => logged.Delivery.Id)], cancellationToken)).ToLookup(trigger => trigger.DeliveryId);
        return [.. page.Select(logged => logged with { Triggers = [.. triggers[logged.Delivery.Id]] })];
    }

    /// <inheritdoc/>
    public async Task<int> PruneAsync(DateTimeOffset receivedBefore, int mostOfWebhook, int limit, CancellationToken cancellationToken)
    {
        var old = await database.ExecuteAsync(
            Plan.ByIndex,
            """
            DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
              SELECT id FROM webhook_deliveries WHERE processed_at IS NOT NULL AND received_at < $1 ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED))
            """,
            [receivedBefore, limit],
            cancellationToken);
        var beyond = await database.ExecuteAsync(
            """
            DELETE FROM webhook_deliveries WHERE processed_at IS NOT NULL AND id = ANY (ARRAY(
              SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY webhook_id ORDER BY received_at DESC, id DESC) AS place FROM webhook_deliveries) AS placed WHERE place > $1 LIMIT $2))
            """,
            [mostOfWebhook, limit - old],
            cancellationToken);
        return old + beyond;
    }

    private static string Name(TriggerState state) => state switch
    {
        TriggerState.Waiting => "waiting",
        TriggerState.Started => "started",
        TriggerState.Skipped => "skipped",
        _ => "failed",
    };

    private static TriggerState State(string name) => name switch
    {
        "waiting" => TriggerState.Waiting,
        "started" => TriggerState.Started,
        "skipped" => TriggerState.Skipped,
        _ => TriggerState.Failed,
    };

    private static DeliveryRow Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        WebhookId = row.GetGuid(1),
        UserId = row.GetString(2),
        Key = row.GetStringOrNull(3),
        Event = row.GetString(4),
        Payload = row.GetJson(5),
        ReplayOf = row.GetGuidOrNull(6),
        ReceivedAt = row.GetTime(7),
        Attempts = row.GetInt32(8),
        DueAt = row.GetTimeOrNull(9),
    };
}
