using System.Text.Json.Serialization;

namespace Grainflow.Storage.Credentials;

/// <summary>A credential of a user without its secret (contract: semantics 4.1).</summary>
public sealed record CredentialRow
{
    /// <summary>The owner.</summary>
    public required string UserId { get; init; }

    /// <summary>The id; unique for the owner.</summary>
    public required string Id { get; init; }

    /// <summary>The provider, any name.</summary>
    public required string Provider { get; init; }

    /// <summary><c>api_key</c>, <c>oauth2</c>, <c>user_password</c> or <c>host_scoped</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The label that the user gave it, or null.</summary>
    public string? Title { get; init; }

    /// <summary>The user's name at an OAuth provider; null for other types, whose user name is a secret.</summary>
    public string? Username { get; init; }

    /// <summary>The host, or <c>*.domain</c>, of host-scoped credentials; null for other types.</summary>
    public string? Host { get; init; }

    /// <summary>The names of the headers of host-scoped credentials.</summary>
    public IReadOnlyList<string> HeaderNames { get; init; } = [];

    /// <summary>The scopes of OAuth credentials.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>When the API key or access token expires, in seconds since 1970; null when it does not.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>When the refresh token expires, in seconds since 1970; null when it does not or there is none.</summary>
    public long? RefreshExpiresAt { get; init; }

    /// <summary>What else an OAuth provider told: a JSON object without secrets.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>From 1; increased by each change.</summary>
    public long Version { get; init; } = 1;

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed or refreshed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A credential as it is stored.</summary>
/// <param name="Row">The credential without its secret.</param>
/// <param name="Sealed">The secret, sealed by the data key of the owner.</param>
/// <param name="DataKey">The data key of the owner, sealed.</param>
/// <param name="RefreshSilo">The silo that is refreshing the token, or null.</param>
public sealed record StoredCredential(CredentialRow Row, ReadOnlyMemory<byte> Sealed, ReadOnlyMemory<byte> DataKey, string? RefreshSilo);

/// <summary>The secrets of one credential. They must not be logged.</summary>
public sealed record CredentialSecrets
{
    /// <summary>The API key, access token or password; null for host-scoped credentials.</summary>
    [JsonPropertyName("secret")]
    public string? Secret { get; init; }

    /// <summary>The refresh token of OAuth credentials, or null.</summary>
    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; init; }

    /// <summary>The user name that belongs to a password; null for other types.</summary>
    [JsonPropertyName("username")]
    public string? Username { get; init; }

    /// <summary>The headers of host-scoped credentials, or null.</summary>
    [JsonPropertyName("headers")]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>The client that the tokens were granted to, as JSON, where it was registered for one login; null for the platform's own clients. It says where the tokens are sent to be refreshed.</summary>
    [JsonPropertyName("registration")]
    public string? Registration { get; init; }

    /// <summary>A description without the secrets, for logs.</summary>
    public override string ToString() => "secrets";
}
