using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Credentials;

/// <summary>
/// One credential of a user (contract: semantics 4); the key is <see cref="CredentialKeys.GrainKey"/>. It makes the changes and the refresh; the database decides which of several
/// writers is refused.
/// </summary>
[Alias("grainflow.ICredentialGrain")]
public interface ICredentialGrain : IGrainWithStringKey
{
    /// <summary>Stores the credential. It must be new.</summary>
    /// <param name="content">The credential with its secrets.</param>
    [Alias("Create")]
    Task<CredentialAnswer> Create(CredentialContent content);

    /// <summary>Replaces the secrets of the credential. Provider, type and host stay; the scopes must contain the old ones (semantics 4.4). It waits some seconds for leases.</summary>
    /// <param name="content">The credential with its new secrets.</param>
    [Alias("Change"), ResponseTimeout("00:01:00")]
    Task<CredentialAnswer> Change(CredentialContent content);

    /// <summary>
    /// Deletes the credential with the webhooks that were created with it, and revokes its tokens at the provider (semantics 4.7). Deleting a credential of the platform
    /// changes nothing.
    /// </summary>
    /// <param name="provider">The provider that the credential must be of.</param>
    /// <param name="force">Deletes it although webhooks have triggers, blocks use it, or its tokens cannot be revoked.</param>
    [Alias("Delete"), ResponseTimeout("00:05:00")]
    Task<CredentialDeletion> Delete(string provider, bool force);

    /// <summary>Refreshes the token, once for all callers that wait for it (semantics 4.5).</summary>
    /// <param name="version">The version whose token is due; a newer one is not refreshed.</param>
    [Alias("Refresh"), ResponseTimeout("00:01:00")]
    Task<CredentialRefresh> Refresh(long version);
}

/// <summary>Builds the keys of <see cref="ICredentialGrain"/>.</summary>
public static class CredentialKeys
{
    /// <summary>The key of the grain of a credential.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="credentialId">The id; it contains no line break.</param>
    public static string GrainKey(string userId, string credentialId) => $"{credentialId}\n{userId}";
}

/// <summary>A credential with its secrets.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CredentialContent")]
public sealed record CredentialContent
{
    /// <summary>The provider.</summary>
    [Id(0)]
    public required string Provider { get; init; }

    /// <summary><c>api_key</c>, <c>oauth2</c>, <c>user_password</c> or <c>host_scoped</c>.</summary>
    [Id(1)]
    public required string Type { get; init; }

    /// <summary>The label that the user gave it, or null.</summary>
    [Id(2)]
    public string? Title { get; init; }

    /// <summary>The API key, access token or password; null for host-scoped credentials.</summary>
    [Id(3)]
    public string? Secret { get; init; }

    /// <summary>The refresh token, or null.</summary>
    [Id(4)]
    public string? RefreshToken { get; init; }

    /// <summary>The user name, or null.</summary>
    [Id(5)]
    public string? Username { get; init; }

    /// <summary>The host of host-scoped credentials, or null.</summary>
    [Id(6)]
    public string? Host { get; init; }

    /// <summary>The headers of host-scoped credentials, or null.</summary>
    [Id(7)]
    public Dictionary<string, string>? Headers { get; init; }

    /// <summary>The scopes of OAuth credentials.</summary>
    [Id(8)]
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>When the API key or access token expires, in seconds since 1970; null when it does not.</summary>
    [Id(9)]
    public long? ExpiresAt { get; init; }

    /// <summary>When the refresh token expires, in seconds since 1970; null when it does not.</summary>
    [Id(10)]
    public long? RefreshExpiresAt { get; init; }

    /// <summary>A JSON object without secrets: what else an OAuth provider told, and for an API key what the user says beside it, such as the <c>base_url</c> of his own model server.</summary>
    [Id(11)]
    public JsonPayload Metadata { get; init; } = JsonPayload.EmptyObject;

    /// <summary>The client that the tokens were granted to, as JSON, where it was registered for this login alone; null for the platform's own clients. A secret.</summary>
    [Id(12)]
    public string? Registration { get; init; }

    /// <summary>A description without the secrets: messages may be logged.</summary>
    public override string ToString() => $"{Provider} {Type}";
}

/// <summary>A credential without its secrets.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CredentialMeta")]
public sealed record CredentialMeta
{
    /// <summary>The id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The provider.</summary>
    [Id(1)]
    public required string Provider { get; init; }

    /// <summary><c>api_key</c>, <c>oauth2</c>, <c>user_password</c> or <c>host_scoped</c>.</summary>
    [Id(2)]
    public required string Type { get; init; }

    /// <summary>The label, or null.</summary>
    [Id(3)]
    public string? Title { get; init; }

    /// <summary>The user's name at an OAuth provider, or null.</summary>
    [Id(4)]
    public string? Username { get; init; }

    /// <summary>The host of host-scoped credentials, or null.</summary>
    [Id(5)]
    public string? Host { get; init; }

    /// <summary>The names of the headers of host-scoped credentials.</summary>
    [Id(6)]
    public ImmutableArray<string> HeaderNames { get; init; } = [];

    /// <summary>The scopes of OAuth credentials.</summary>
    [Id(7)]
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>When the API key or access token expires, in seconds since 1970; null when it does not.</summary>
    [Id(8)]
    public long? ExpiresAt { get; init; }

    /// <summary>When the refresh token expires, in seconds since 1970; null when it does not.</summary>
    [Id(9)]
    public long? RefreshExpiresAt { get; init; }

    /// <summary>A JSON object: what else an OAuth provider told, and what a user has said beside an API key.</summary>
    [Id(10)]
    public JsonPayload Metadata { get; init; } = JsonPayload.EmptyObject;

    /// <summary>Whether it is one of the platform's own credentials.</summary>
    [Id(11)]
    public bool IsSystem { get; init; }
}

/// <summary>The result of a change of a credential, or of a login.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CredentialAnswer")]
public sealed record CredentialAnswer
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required CredentialVerdict Verdict { get; init; }

    /// <summary>The stored credential; null when there is none.</summary>
    [Id(1)]
    public CredentialMeta? Credential { get; init; }

    /// <summary>Why it was not done, for the user; null when it was.</summary>
    [Id(2)]
    public string? Message { get; init; }

    /// <summary>What the program that began a login through the external API wants to be told, a JSON object; null for all else.</summary>
    [Id(3)]
    public JsonPayload? LoginMetadata { get; init; }
}

/// <summary>What became of a call about a credential.</summary>
[GenerateSerializer, Alias("grainflow.CredentialVerdict")]
public enum CredentialVerdict
{
    /// <summary>It was done.</summary>
    Done = 0,

    /// <summary>The user has no such credential, or it is of another provider.</summary>
    NotFound = 1,

    /// <summary>The user has a credential of this id.</summary>
    Exists = 2,

    /// <summary>The content is wrong.</summary>
    Invalid = 3,

    /// <summary>Blocks use the credential.</summary>
    Busy = 4,

    /// <summary>Secrets cannot be encrypted or decrypted here; the message names the cure.</summary>
    Unreadable = 5,

    /// <summary>The provider has no OAuth login.</summary>
    NoOAuth = 6,

    /// <summary>The client id or secret of the provider is not set.</summary>
    NotConfigured = 7,

    /// <summary>The address of the frontend is not set.</summary>
    NoFrontend = 8,

    /// <summary>The state of the login is unknown, expired or of another provider.</summary>
    InvalidState = 9,

    /// <summary>The provider did not exchange the code.</summary>
    NotExchanged = 10,

    /// <summary>It is not done without a confirmation by the user.</summary>
    NeedsConfirmation = 11,
}

/// <summary>The result of <see cref="ICredentialGrain.Delete"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CredentialDeletion")]
public sealed record CredentialDeletion
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required CredentialVerdict Verdict { get; init; }

    /// <summary>Whether the provider revoked the tokens; null when there were none to revoke.</summary>
    [Id(1)]
    public bool? Revoked { get; init; }

    /// <summary>Why it was not done, for the user; null when it was.</summary>
    [Id(2)]
    public string? Message { get; init; }
}

/// <summary>The result of <see cref="ICredentialGrain.Refresh"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CredentialRefresh")]
public sealed record CredentialRefresh
{
    /// <summary>True when a newer token is stored, or the credential is gone: the caller reads it again. False when the present token stays.</summary>
    [Id(0)]
    public required bool HasChanged { get; init; }

    /// <summary>Why the token was not refreshed, without secrets; null when it was, or the provider has no refresh.</summary>
    [Id(1)]
    public string? Failure { get; init; }

    /// <summary>Whether the refresh may succeed later.</summary>
    [Id(2)]
    public bool IsPassing { get; init; }
}
