using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage.Credentials;

/// <summary>A login at an OAuth provider that has begun (contract: semantics 4.6).</summary>
public sealed record OAuthStateRow
{
    /// <summary>The user who logs in.</summary>
    public required string UserId { get; init; }

    /// <summary>SHA-256 of the state token, 32 bytes.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The scopes that were asked for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The credential whose scopes the login widens, or null.</summary>
    public string? CredentialId { get; init; }

    /// <summary>When the login ends without a callback.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Where the user comes back to; null for a login of the platform's own pages.</summary>
    public string? CallbackUrl { get; init; }

    /// <summary>What the program that began the login is told at its end, a UTF-8 JSON object; null for a login of the platform's own pages.</summary>
    public ReadOnlyMemory<byte>? Metadata { get; init; }

    /// <summary>The API key of that program; null for a login of the platform's own pages.</summary>
    public Guid? ApiKeyId { get; init; }
}

/// <summary>A login as it is stored.</summary>
/// <param name="State">The login.</param>
/// <param name="Sealed">What the login keeps until its end, such as its PKCE verifier, sealed.</param>
/// <param name="DataKey">The data key of the user, sealed.</param>
public sealed record StoredOAuthState(OAuthStateRow State, ReadOnlyMemory<byte> Sealed, ReadOnlyMemory<byte> DataKey);

/// <summary>The logins between the redirect and the callback.</summary>
public interface IOAuthStateStore
{
    /// <summary>Stores a login, and deletes those of the user that have expired.</summary>
    /// <param name="state">The login.</param>
    /// <param name="secret">What the login keeps until its end, such as its PKCE verifier, sealed.</param>
    /// <param name="now">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task AddAsync(OAuthStateRow state, ReadOnlyMemory<byte> secret, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes a login and returns it; null when the user has no such login. Of several callers one gets it.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="hash">SHA-256 of the state token.</param>
    /// <param name="isExternal">Whether a program began it through the external API; others are left.</param>
    /// <param name="cancellationToken">Gives up waiting; the login may be gone then.</param>
    Task<StoredOAuthState?> TakeAsync(string userId, byte[] hash, bool isExternal, CancellationToken cancellationToken);

    /// <summary>Deletes logins that have expired.</summary>
    /// <param name="before">Logins that expire before this time.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteExpiredAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IOAuthStateStore"/>
/// <param name="database">The database.</param>
public sealed class OAuthStateStore(Database database) : IOAuthStateStore
{
    /// <inheritdoc/>
    public Task AddAsync(OAuthStateRow state, ReadOnlyMemory<byte> secret, DateTimeOffset now, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        """
        WITH expired AS (DELETE FROM oauth_states WHERE user_id = $1 AND expires_at < $11)
        INSERT INTO oauth_states (user_id, state_hash, provider, scopes, credential_id, sealed, expires_at, callback_url, metadata, api_key_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        [
            state.UserId, state.Hash, state.Provider, state.Scopes.ToArray(), new NpgsqlParameter<string?> { TypedValue = state.CredentialId, NpgsqlDbType = NpgsqlDbType.Text },
            secret.ToArray(), state.ExpiresAt, new NpgsqlParameter<string?> { TypedValue = state.CallbackUrl, NpgsqlDbType = NpgsqlDbType.Text }, Sql.Json(state.Metadata), Sql.Uuid(state.ApiKeyId), now,
        ],
        cancellationToken);

    /// <inheritdoc/>
    public Task<StoredOAuthState?> TakeAsync(string userId, byte[] hash, bool isExternal, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex,
        """
        DELETE FROM oauth_states AS s WHERE s.user_id = $1 AND s.state_hash = $2 AND (s.callback_url IS NOT NULL) = $3
        RETURNING s.provider, s.scopes, s.credential_id, s.sealed, s.expires_at, coalesce((SELECT k.sealed FROM user_data_keys AS k WHERE k.user_id = $1), ''), s.state_hash, s.callback_url, s.metadata, s.api_key_id
        """,
        [userId, hash, isExternal],
        row => new StoredOAuthState(
            new OAuthStateRow
            {
                UserId = userId,
                Hash = row.GetFieldValue<byte[]>(6),
                Provider = row.GetString(0),
                Scopes = row.GetFieldValue<string[]>(1),
                CredentialId = row.GetStringOrNull(2),
                ExpiresAt = row.GetTime(4),
                CallbackUrl = row.GetStringOrNull(7),
                Metadata = row.GetBytesOrNull(8),
                ApiKeyId = row.GetGuidOrNull(9),
            },
            row.GetFieldValue<byte[]>(3),
            row.GetFieldValue<byte[]>(5)),
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> DeleteExpiredAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "DELETE FROM oauth_states WHERE (user_id, state_hash) IN (SELECT user_id, state_hash FROM oauth_states WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        [before, limit],
        cancellationToken);
}
