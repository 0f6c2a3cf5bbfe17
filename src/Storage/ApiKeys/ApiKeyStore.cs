using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage.ApiKeys;

/// <summary>A key of a user for the external API (contract: semantics 8.5).</summary>
public sealed record ApiKeyRow
{
    /// <summary>The id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public required string UserId { get; init; }

    /// <summary>What the owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, or null.</summary>
    public string? Description { get; init; }

    /// <summary>The first eight characters of the text.</summary>
    public required string Head { get; init; }

    /// <summary>The last eight characters of the text.</summary>
    public required string Tail { get; init; }

    /// <summary>The salt of the hash.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>scrypt of the text with the salt.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>What it opens, names of the contract such as <c>READ_GRAPH</c>.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary><c>ACTIVE</c>, <c>SUSPENDED</c> or <c>REVOKED</c>; the last is final.</summary>
    public string Status { get; init; } = ApiKeyStatuses.Active;

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was used last, to the minute; null before the first time.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it was revoked, or null.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>The statuses of a key.</summary>
public static class ApiKeyStatuses
{
    /// <summary>It opens what it has permissions for.</summary>
    public const string Active = "ACTIVE";

    /// <summary>It opens nothing; it can still be revoked.</summary>
    public const string Suspended = "SUSPENDED";

    /// <summary>It opens nothing, for ever.</summary>
    public const string Revoked = "REVOKED";
}

/// <summary>The keys of users for the external API.</summary>
public interface IApiKeyStore
{
    /// <summary>Stores a new key, unless its owner has <paramref name="most"/> keys that are not revoked.</summary>
    /// <param name="key">The key.</param>
    /// <param name="most">How many keys a user may have.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when it is not stored: the owner has too many, or the id is taken.</returns>
    Task<bool> AddAsync(ApiKeyRow key, int most, CancellationToken cancellationToken);

    /// <summary>Gives an active key another text.</summary>
    /// <param name="key">The key with its new head, tail, salt and hash; its owner and id decide.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The key; null when the owner has no such active key.</returns>
    Task<ApiKeyRow?> RenewAsync(ApiKeyRow key, CancellationToken cancellationToken);

    /// <summary>A key, whoever owns it, or null.</summary>
    /// <param name="id">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ApiKeyRow?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The keys of a user, newest first.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<ApiKeyRow>> ListAsync(string userId, int limit, CancellationToken cancellationToken);

    /// <summary>The active keys whose text begins so, which are few.</summary>
    /// <param name="head">Eight characters.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<ApiKeyRow>> ActiveAsync(string head, CancellationToken cancellationToken);

    /// <summary>Replaces what a key opens.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The key.</param>
    /// <param name="permissions">The permissions.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The key; null when the user has none of this id.</returns>
    Task<ApiKeyRow?> SetPermissionsAsync(string userId, Guid id, IReadOnlyList<string> permissions, CancellationToken cancellationToken);

    /// <summary>Suspends or revokes a key. A revoked key stays as it is.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The key.</param>
    /// <param name="status"><see cref="ApiKeyStatuses.Suspended"/> or <see cref="ApiKeyStatuses.Revoked"/>.</param>
    /// <param name="at">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The key; null when the user has none of this id.</returns>
    Task<ApiKeyRow?> EndAsync(string userId, Guid id, string status, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Notes a use of a key, at most once a minute.</summary>
    /// <param name="id">The key.</param>
    /// <param name="at">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task UsedAsync(Guid id, DateTimeOffset at, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IApiKeyStore"/>
/// <param name="database">The database.</param>
public sealed class ApiKeyStore(Database database) : IApiKeyStore
{
    private const string Columns = "id, user_id, name, description, head, tail, salt, hash, permissions, status, created_at, last_used_at, revoked_at";

    /// <inheritdoc/>
    public async Task<bool> AddAsync(ApiKeyRow key, int most, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        $"""
        INSERT INTO api_keys ({Columns})
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, '{ApiKeyStatuses.Active}', $10, NULL, NULL
        WHERE (SELECT count(*) FROM api_keys WHERE user_id = $2 AND status <> '{ApiKeyStatuses.Revoked}') < $11
        ON CONFLICT (id) DO NOTHING
        """,
        [
            key.Id, key.UserId, key.Name, new NpgsqlParameter<string?> { TypedValue = key.Description, NpgsqlDbType = NpgsqlDbType.Text }, key.Head, key.Tail, key.Salt, key.Hash,
            key.Permissions.ToArray(), key.CreatedAt, most,
        ],
        cancellationToken) > 0;

    /// <inheritdoc/>
    public Task<ApiKeyRow?> RenewAsync(ApiKeyRow key, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex,
        $"UPDATE api_keys SET head = $3, tail = $4, salt = $5, hash = $6 WHERE id = $1 AND user_id = $2 AND status = '{ApiKeyStatuses.Active}' RETURNING {Columns}",
        [key.Id, key.UserId, key.Head, key.Tail, key.Salt, key.Hash],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public Task<ApiKeyRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM api_keys WHERE id = $1", [id], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(string userId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex, $"SELECT {Columns} FROM api_keys WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $2", [userId, limit], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ApiKeyRow>> ActiveAsync(string head, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex, $"SELECT {Columns} FROM api_keys WHERE head = $1 AND status = '{ApiKeyStatuses.Active}' ORDER BY id LIMIT 100", [head], Map, cancellationToken);

    /// <inheritdoc/>
    public Task<ApiKeyRow?> SetPermissionsAsync(string userId, Guid id, IReadOnlyList<string> permissions, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex, $"UPDATE api_keys SET permissions = $3 WHERE id = $1 AND user_id = $2 RETURNING {Columns}", [id, userId, permissions.ToArray()], Map, cancellationToken);

    /// <inheritdoc/>
    public Task<ApiKeyRow?> EndAsync(string userId, Guid id, string status, DateTimeOffset at, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex,
        $"""
        UPDATE api_keys SET
          status = CASE WHEN status = '{ApiKeyStatuses.Revoked}' THEN status ELSE $3 END,
          revoked_at = CASE WHEN status <> '{ApiKeyStatuses.Revoked}' AND $3 = '{ApiKeyStatuses.Revoked}' THEN $4 ELSE revoked_at END
        WHERE id = $1 AND user_id = $2 RETURNING {Columns}
        """,
        [id, userId, status, at],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public Task UsedAsync(Guid id, DateTimeOffset at, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex, "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2 - interval '1 minute')", [id, at], cancellationToken);

    private static ApiKeyRow Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetString(1),
        Name = row.GetString(2),
        Description = row.GetStringOrNull(3),
        Head = row.GetString(4),
        Tail = row.GetString(5),
        Salt = row.GetFieldValue<byte[]>(6),
        Hash = row.GetFieldValue<byte[]>(7),
        Permissions = row.GetFieldValue<string[]>(8),
        Status = row.GetString(9),
        CreatedAt = row.GetTime(10),
        LastUsedAt = row.GetTimeOrNull(11),
        RevokedAt = row.GetTimeOrNull(12),
    };
}
