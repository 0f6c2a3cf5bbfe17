using Npgsql;

namespace Grainflow.Storage.Presets;

/// <summary>A preset of a user: a graph with inputs and credentials to run it with (contract: semantics 8.3).</summary>
public sealed record PresetRow
{
    /// <summary>The preset.</summary>
    public required Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph, from 1.</summary>
    public required int GraphVersion { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public required string Description { get; init; }

    /// <summary>The inputs by name, a UTF-8 JSON object.</summary>
    public required ReadOnlyMemory<byte> Inputs { get; init; }

    /// <summary>The credentials by name of the input, a UTF-8 JSON object that contains no secret.</summary>
    public required ReadOnlyMemory<byte> Credentials { get; init; }

    /// <summary>False for a preset that its webhook does not trigger.</summary>
    public required bool IsActive { get; init; }

    /// <summary>The webhook that triggers it, or null.</summary>
    public Guid? WebhookId { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>The presets of users (table <c>presets</c>). Only the grain of a user changes them. Deleted ones are not found.</summary>
public interface IPresetStore
{
    /// <summary>Inserts a preset.</summary>
    /// <param name="preset">The preset.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when its id is taken, or the webhook that it names is gone.</returns>
    Task<bool> InsertAsync(PresetRow preset, CancellationToken cancellationToken);

    /// <summary>A preset of a user, or null.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The preset.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<PresetRow?> FindAsync(string userId, Guid id, CancellationToken cancellationToken);

    /// <summary>A page of the presets of a user, newest first, and how many there are in all.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="graphId">Only presets of this graph; null for all.</param>
    /// <param name="skip">How many come before the page.</param>
    /// <param name="limit">The size of the page.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<(IReadOnlyList<PresetRow> Presets, int Total)> ListAsync(string userId, Guid? graphId, long skip, int limit, CancellationToken cancellationToken);

    /// <summary>The presets that are attached to webhooks, oldest first.</summary>
    /// <param name="webhookIds">The webhooks.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<PresetRow>> OfWebhooksAsync(IReadOnlyCollection<Guid> webhookIds, CancellationToken cancellationToken);

    /// <summary>The presets of a graph that are attached to a webhook, oldest first.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="graphId">The graph.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<PresetRow>> TriggeredOfGraphAsync(string userId, Guid graphId, CancellationToken cancellationToken);

    /// <summary>Saves every changeable part of a preset: graph version, name, description, inputs, credentials, activity and webhook.</summary>
    /// <param name="preset">The preset.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when it is gone, or the webhook that it names is.</returns>
    Task<bool> SaveAsync(PresetRow preset, CancellationToken cancellationToken);

    /// <summary>Detaches all presets from a webhook.</summary>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="at">The time of the change.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task DetachAsync(Guid webhookId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Marks a preset as deleted and detaches it from its webhook.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The preset.</param>
    /// <param name="at">The time of the deletion.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when there is no such preset.</returns>
    Task<bool> DeleteAsync(string userId, Guid id, DateTimeOffset at, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IPresetStore"/>
/// <param name="database">The database.</param>
public sealed class PresetStore(Database database) : IPresetStore
{
    private const string Columns = "id, user_id, graph_id, graph_version, name, description, inputs, credentials, is_active, webhook_id, created_at, updated_at";

    /// <inheritdoc/>
    public async Task<bool> InsertAsync(PresetRow preset, CancellationToken cancellationToken)
    {
        try
        {
            return await database.ExecuteAsync(
                Plan.ByIndex,
                $"INSERT INTO presets ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING",
                [
                    preset.Id, preset.UserId, preset.GraphId, preset.GraphVersion, preset.Name, preset.Description, Sql.Json(preset.Inputs), Sql.Json(preset.Credentials), preset.IsActive,
                    Sql.Uuid(preset.WebhookId), preset.CreatedAt, preset.UpdatedAt,
                ],
                cancellationToken) > 0;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task<PresetRow?> FindAsync(string userId, Guid id, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex, $"SELECT {Columns} FROM presets WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL", [id, userId], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<PresetRow> Presets, int Total)> ListAsync(string userId, Guid? graphId, long skip, int limit, CancellationToken cancellationToken)
    {
        const string Chosen = "user_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR graph_id = $2)";
        await using var session = await database.OpenAsync(cancellationToken);
        var total = await session.ListAsync(Plan.ByIndex, $"SELECT count(*) FROM presets WHERE {Chosen}", [userId, Sql.Uuid(graphId)], row => row.GetInt64(0), cancellationToken);
        var presets = await session.ListAsync(
            Plan.ByIndex, $"SELECT {Columns} FROM presets WHERE {Chosen} ORDER BY created_at DESC, id OFFSET $3 LIMIT $4", [userId, Sql.Uuid(graphId), skip, limit], Map, cancellationToken);
        return (presets, (int)total[0]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PresetRow>> OfWebhooksAsync(IReadOnlyCollection<Guid> webhookIds, CancellationToken cancellationToken) => webhookIds.Count == 0 ? [] : await database.ListAsync(
        Plan.ByIndex,
        $"SELECT {Columns} FROM presets WHERE webhook_id = ANY ($1) AND deleted_at IS NULL ORDER BY created_at, id",
        [webhookIds.ToArray()],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PresetRow>> TriggeredOfGraphAsync(string userId, Guid graphId, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        $"SELECT {Columns} FROM presets WHERE graph_id = $1 AND user_id = $2 AND webhook_id IS NOT NULL AND deleted_at IS NULL ORDER BY created_at, id",
        [graphId, userId],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> SaveAsync(PresetRow preset, CancellationToken cancellationToken)
    {
        try
        {
            return await database.ExecuteAsync(
                Plan.ByIndex,
                """
                UPDATE presets SET graph_version = $3, name = $4, description = $5, inputs = $6, credentials = $7, is_active = $8, webhook_id = $9, updated_at = $10
                WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL
                """,
                [
                    preset.Id, preset.UserId, preset.GraphVersion, preset.Name, preset.Description, Sql.Json(preset.Inputs), Sql.Json(preset.Credentials), preset.IsActive, Sql.Uuid(preset.WebhookId),
                    preset.UpdatedAt,
                ],
                cancellationToken) > 0;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task DetachAsync(Guid webhookId, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Plan.ByIndex, "UPDATE presets SET webhook_id = NULL, updated_at = $2 WHERE webhook_id = $1", [webhookId, at], cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string userId, Guid id, DateTimeOffset at, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        "UPDATE presets SET deleted_at = $3, updated_at = $3, webhook_id = NULL WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL",
        [id, userId, at],
        cancellationToken) > 0;

    private static PresetRow Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetString(1),
        GraphId = row.GetGuid(2),
        GraphVersion = row.GetInt32(3),
        Name = row.GetString(4),
        Description = row.GetString(5),
        Inputs = row.GetJson(6),
        Credentials = row.GetJson(7),
        IsActive = row.GetBoolean(8),
        WebhookId = row.GetGuidOrNull(9),
        CreatedAt = row.GetTime(10),
        UpdatedAt = row.GetTime(11),
    };
}
