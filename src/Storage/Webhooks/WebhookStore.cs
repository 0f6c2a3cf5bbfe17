using Npgsql;

namespace Grainflow.Storage.Webhooks;

/// <summary>The webhooks of users (table <c>webhooks</c>). Only the grain of a user changes them.</summary>
public interface IWebhookStore
{
    /// <summary>Inserts a webhook that is not there yet.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task InsertAsync(WebhookRow webhook, CancellationToken cancellationToken);

    /// <summary>A webhook, or null.</summary>
    /// <param name="id">The webhook.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<WebhookRow?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Those of the webhooks that exist, in one query.</summary>
    /// <param name="ids">The webhooks.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<WebhookRow>> FindManyAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken);

    /// <summary>The webhooks of a user for one provider and type, oldest first.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="webhookType">The type.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<WebhookRow>> OfTypeAsync(string userId, string provider, string webhookType, CancellationToken cancellationToken);

    /// <summary>The webhooks that were registered with a credential, oldest first.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="credentialsId">The credential.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<WebhookRow>> OfCredentialAsync(string userId, string credentialsId, int limit, CancellationToken cancellationToken);

    /// <summary>The webhooks that no preset is attached to, oldest first.</summary>
    /// <param name="changedBefore">Only those that were not changed since.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<WebhookRow>> UnusedAsync(DateTimeOffset changedBefore, int limit, CancellationToken cancellationToken);

    /// <summary>Saves what may change of a webhook: its events, its config, and what the provider answered.</summary>
    /// <param name="webhook">The webhook; one that is gone is passed over.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task SaveAsync(WebhookRow webhook, CancellationToken cancellationToken);

    /// <summary>Deletes a webhook that no preset is attached to, with its deliveries.</summary>
    /// <param name="id">The webhook.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when a preset is attached to it; true when it is gone, also when it was before.</returns>
    Task<bool> DeleteUnusedAsync(Guid id, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IWebhookStore"/>
/// <param name="database">The database.</param>
public sealed class WebhookStore(Database database) : IWebhookStore
{
    private const string Columns =
        "id, user_id, provider, credentials_id, webhook_type, resource, events, config, secret, provider_webhook_id, registered_at, created_at, updated_at";

    /// <inheritdoc/>
    public Task InsertAsync(WebhookRow webhook, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        $"INSERT INTO webhooks ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        [
            webhook.Id, webhook.UserId, webhook.Provider, webhook.CredentialsId, webhook.WebhookType, webhook.Resource, webhook.Events.ToArray(), Sql.Json(webhook.Config),
            webhook.SealedSecret.ToArray(), webhook.ProviderWebhookId, Sql.Time(webhook.RegisteredAt), webhook.CreatedAt, webhook.UpdatedAt,
        ],
        cancellationToken);

    /// <inheritdoc/>
    public Task<WebhookRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM webhooks WHERE id = $1", [id], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WebhookRow>> FindManyAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        ids.Count == 0 ? [] : await database.ListAsync(Plan.ByIndex, $"SELECT {Columns} FROM webhooks WHERE id = ANY ($1)", [ids.ToArray()], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WebhookRow>> OfTypeAsync(string userId, string provider, string webhookType, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        $"SELECT {Columns} FROM webhooks WHERE user_id = $1 AND provider = $2 AND webhook_type = $3 ORDER BY created_at, id",
        [userId, provider, webhookType],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WebhookRow>> OfCredentialAsync(string userId, string credentialsId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        $"SELECT {Columns} FROM webhooks WHERE user_id = $1 AND credentials_id = $2 AND credentials_id <> '' ORDER BY created_at, id LIMIT $3",
        [userId, credentialsId, limit],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WebhookRow>> UnusedAsync(DateTimeOffset changedBefore, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        $"""
        SELECT {Columns} FROM webhooks w
        WHERE w.updated_at < $1 AND NOT EXISTS (SELECT FROM presets p WHERE p.webhook_id = w.id) ORDER BY w.updated_at, w.id LIMIT $2
        """,
        [changedBefore, limit],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public Task SaveAsync(WebhookRow webhook, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "UPDATE webhooks SET events = $2, config = $3, provider_webhook_id = $4, registered_at = $5, updated_at = $6 WHERE id = $1",
        [webhook.Id, webhook.Events.ToArray(), Sql.Json(webhook.Config), webhook.ProviderWebhookId, Sql.Time(webhook.RegisteredAt), webhook.UpdatedAt],
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeleteUnusedAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await database.ExecuteAsync(
                Plan.ByIndex,
                """
                WITH gone AS (
                  DELETE FROM webhooks w WHERE w.id = $1 AND NOT EXISTS (SELECT FROM presets p WHERE p.webhook_id = w.id) RETURNING w.id
                )
                DELETE FROM webhook_deliveries WHERE webhook_id IN (SELECT id FROM gone)
                """,
                [id],
                cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            // A preset was attached to it at the same time.
            return false;
        }

        return await FindAsync(id, cancellationToken) is null;
    }

    private static WebhookRow Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetString(1),
        Provider = row.GetString(2),
        CredentialsId = row.GetString(3),
        WebhookType = row.GetString(4),
        Resource = row.GetString(5),
        Events = [.. row.GetFieldValue<string[]>(6)],
        Config = row.GetJson(7),
        SealedSecret = row.GetFieldValue<byte[]>(8),
        ProviderWebhookId = row.GetString(9),
        RegisteredAt = row.GetTimeOrNull(10),
        CreatedAt = row.GetTime(11),
        UpdatedAt = row.GetTime(12),
    };
}
