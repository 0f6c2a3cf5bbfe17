using Npgsql;

namespace Grainflow.Storage.Credentials;

/// <inheritdoc cref="ICredentialStore"/>
/// <param name="database">The database.</param>
public sealed class CredentialStore(Database database) : ICredentialStore
{
    /// <summary>The columns of a credential without its secret, of a table that is called <c>c</c>.</summary>
    internal const string Columns =
        "c.user_id, c.id, c.provider, c.type, c.title, c.username, c.host, c.header_names, c.scopes, c.expires_at, c.refresh_expires_at, c.metadata, c.version, c.created_at, c.updated_at";

    /// <summary>How many <see cref="Columns"/> there are.</summary>
    internal const int ColumnCount = 15;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CredentialRow>> ListAsync(string userId, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex, $"SELECT {Columns} FROM credentials AS c WHERE c.user_id = $1 ORDER BY c.created_at, c.id", [userId], Map, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredCredential?> FindAsync(string userId, string id, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex,
        // Without its data key a credential is there and cannot be read.
        $"SELECT {Columns}, c.sealed, coalesce(k.sealed, ''), c.refresh_silo FROM credentials AS c LEFT JOIN user_data_keys AS k ON k.user_id = c.user_id WHERE c.user_id = $1 AND c.id = $2",
        [userId, id],
        MapStored,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> InsertAsync(CredentialRow row, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        """
        INSERT INTO credentials
          (user_id, id, provider, type, title, username, host, header_names, scopes, expires_at, refresh_expires_at, metadata, version, sealed, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15) ON CONFLICT DO NOTHING
        """,
        [
            row.UserId, row.Id, row.Provider, row.Type, Text(row.Title), Text(row.Username), Text(row.Host), row.HeaderNames.ToArray(), row.Scopes.ToArray(),
            Number(row.ExpiresAt), Number(row.RefreshExpiresAt), Sql.Json(System.Text.Encoding.UTF8.GetBytes(row.Metadata)), row.Version, secret.ToArray(), row.CreatedAt,
        ],
        cancellationToken) > 0;

    /// <inheritdoc/>
    public Task CloseAsync(string userId, string id, DateTimeOffset? until, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Plan.ByIndex, "UPDATE credentials SET closing_until = $3 WHERE user_id = $1 AND id = $2", [userId, id, Time(until)], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> HoldersAsync(string userId, string id, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex, "SELECT silo FROM credential_leases WHERE user_id = $1 AND credential_id = $2 ORDER BY fence", [userId, id], row => row.GetString(0), cancellationToken);

    /// <inheritdoc/>
    public async Task<CredentialWrite> UpdateAsync(CredentialRow row, ReadOnlyMemory<byte> secret, IReadOnlySet<string> gone, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var verdict = await LockAsync(session, row.UserId, row.Id, row.Version - 1, gone, cancellationToken);
        if (verdict != CredentialWrite.Done) return verdict;
        await session.ExecuteAsync(
            Plan.ByIndex,
            """
            UPDATE credentials SET title = $3, username = $4, header_names = $5, scopes = $6, expires_at = $7, refresh_expires_at = $8, metadata = $9, version = $10, sealed = $11,
              updated_at = $12, closing_until = NULL, refresh_claim = NULL, refresh_silo = NULL, refresh_at = NULL
            WHERE user_id = $1 AND id = $2
            """,
            [
                row.UserId, row.Id, Text(row.Title), Text(row.Username), row.HeaderNames.ToArray(), row.Scopes.ToArray(), Number(row.ExpiresAt), Number(row.RefreshExpiresAt),
                Sql.Json(System.Text.Encoding.UTF8.GetBytes(row.Metadata)), row.Version, secret.ToArray(), row.UpdatedAt,
            ],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return CredentialWrite.Done;
    }

    /// <inheritdoc/>
    public async Task<CredentialWrite> DeleteAsync(string userId, string id, IReadOnlySet<string>? gone, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var verdict = await LockAsync(session, userId, id, version: null, gone, cancellationToken);
        if (verdict != CredentialWrite.Done) return verdict;
        await session.ExecuteAsync(Plan.ByIndex, "DELETE FROM credentials WHERE user_id = $1 AND id = $2", [userId, id], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return CredentialWrite.Done;
    }

    /// <inheritdoc/>
    public async Task<bool> ClaimRefreshAsync(CredentialRow row, RefreshClaim claim, DateTimeOffset staleBefore, IReadOnlySet<string> gone, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        """
        UPDATE credentials SET refresh_claim = $4, refresh_silo = $5, refresh_at = $6
        WHERE user_id = $1 AND id = $2 AND version = $3 AND (refresh_claim IS NULL OR refresh_at < $7 OR refresh_silo = ANY ($8))
        """,
        [row.UserId, row.Id, row.Version, claim.Id, claim.Silo, claim.At, staleBefore, gone.ToArray()],
        cancellationToken) > 0;

    /// <inheritdoc/>
    public async Task<bool> StoreRefreshedAsync(CredentialRow row, ReadOnlyMemory<byte> secret, RefreshClaim claim, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        """
        UPDATE credentials SET username = $5, scopes = $6, expires_at = $7, refresh_expires_at = $8, metadata = $9, version = $3, sealed = $10, updated_at = $11,
          refresh_claim = NULL, refresh_silo = NULL, refresh_at = NULL
        WHERE user_id = $1 AND id = $2 AND version = $3 - 1 AND refresh_claim = $4
        """,
        [
            row.UserId, row.Id, row.Version, claim.Id, Text(row.Username), row.Scopes.ToArray(), Number(row.ExpiresAt), Number(row.RefreshExpiresAt),
            Sql.Json(System.Text.Encoding.UTF8.GetBytes(row.Metadata)), secret.ToArray(), row.UpdatedAt,
        ],
        cancellationToken) > 0;

    /// <inheritdoc/>
    public Task AbandonRefreshAsync(string userId, string id, RefreshClaim claim, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "UPDATE credentials SET refresh_claim = NULL, refresh_silo = NULL, refresh_at = NULL WHERE user_id = $1 AND id = $2 AND refresh_claim = $3",
        [userId, id, claim.Id],
        cancellationToken);

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> FindDataKeyAsync(string userId, CancellationToken cancellationToken)
    {
        var found = await database.ListAsync(Plan.ByIndex, "SELECT sealed FROM user_data_keys WHERE user_id = $1", [userId], row => row.GetFieldValue<byte[]>(0), cancellationToken);
        // Not a conditional expression: its null would be a null array and become empty memory.
        if (found.Count == 0) return null;
        return found[0];
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AddDataKeyAsync(string userId, ReadOnlyMemory<byte> sealedKey, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(Plan.ByIndex, "INSERT INTO user_data_keys (user_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING", [userId, sealedKey.ToArray()], cancellationToken);
        return await FindDataKeyAsync(userId, cancellationToken) ?? throw new InvalidOperationException("The data key of a user was deleted while it was added.");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DataKeyRow>> DataKeysAsync(string afterUserId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        "SELECT user_id, sealed FROM user_data_keys WHERE user_id > $1 ORDER BY user_id LIMIT $2",
        [afterUserId, limit],
        row => new DataKeyRow(row.GetString(0), row.GetFieldValue<byte[]>(1)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> ResealAsync(DataKeyRow row, ReadOnlyMemory<byte> resealed, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex, "UPDATE user_data_keys SET sealed = $3 WHERE user_id = $1 AND sealed = $2", [row.UserId, row.Sealed.ToArray(), resealed.ToArray()], cancellationToken) > 0;

    internal static StoredCredential MapStored(NpgsqlDataReader row) =>
        new(Map(row), row.GetFieldValue<byte[]>(ColumnCount), row.GetFieldValue<byte[]>(ColumnCount + 1), row.GetStringOrNull(ColumnCount + 2));

    internal static CredentialRow Map(NpgsqlDataReader row) => new()
    {
        UserId = row.GetString(0),
        Id = row.GetString(1),
        Provider = row.GetString(2),
        Type = row.GetString(3),
        Title = row.GetStringOrNull(4),
        Username = row.GetStringOrNull(5),
        Host = row.GetStringOrNull(6),
        HeaderNames = row.GetFieldValue<string[]>(7),
        Scopes = row.GetFieldValue<string[]>(8),
        ExpiresAt = row.IsDBNull(9) ? null : row.GetInt64(9),
        RefreshExpiresAt = row.IsDBNull(10) ? null : row.GetInt64(10),
        Metadata = row.GetString(11),
        Version = row.GetInt64(12),
        CreatedAt = row.GetTime(13),
        UpdatedAt = row.GetTime(14),
    };

    /// <summary>
    /// Locks a credential against leases that are being granted, and finds whether it may be written. Leases that were granted before are seen by the statements that follow.
    /// </summary>
    private static async Task<CredentialWrite> LockAsync(
        DatabaseSession session, string userId, string id, long? version, IReadOnlySet<string>? gone, CancellationToken cancellationToken)
    {
        var versions = await session.ListAsync(
            Plan.ByIndex, "SELECT version FROM credentials WHERE user_id = $1 AND id = $2 FOR UPDATE", [userId, id], row => row.GetInt64(0), cancellationToken);
        if (versions.Count == 0) return CredentialWrite.NotFound;
        if (version is { } wanted && versions[0] != wanted) return CredentialWrite.Conflict;
        // In the order of the fences, as renewals lock them.
        await session.ExecuteAsync(
            Plan.ByIndex,
            """
            DELETE FROM credential_leases WHERE fence = ANY (ARRAY(
              SELECT fence FROM credential_leases WHERE user_id = $1 AND credential_id = $2 AND ($3 OR silo = ANY ($4)) ORDER BY fence FOR UPDATE))
            """,
            [userId, id, gone is null, gone?.ToArray() ?? []],
            cancellationToken);
        var held = await session.ListAsync(
            Plan.ByIndex, "SELECT 1 FROM credential_leases WHERE user_id = $1 AND credential_id = $2 LIMIT 1", [userId, id], row => row.GetInt32(0), cancellationToken);
        return held.Count > 0 ? CredentialWrite.Held : CredentialWrite.Done;
    }

    private static NpgsqlParameter<string?> Text(string? text) => new() { TypedValue = text, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    private static NpgsqlParameter<long?> Number(long? number) => new() { TypedValue = number, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint };

    private static NpgsqlParameter<DateTimeOffset?> Time(DateTimeOffset? time) =>
        new() { TypedValue = time?.ToUniversalTime(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz };
}
