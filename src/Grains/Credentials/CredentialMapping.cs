using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Interfaces.Mcp;
using Grainflow.Storage.Credentials;

namespace Grainflow.Grains.Credentials;

/// <summary>The forms of a credential: stored, in messages, for blocks, and for the OAuth client.</summary>
internal static class CredentialMapping
{
    /// <summary>The row of a credential that is stored for the first time.</summary>
    public static CredentialRow ToRow(string userId, string id, CredentialContent content, DateTimeOffset at) => new()
    {
        UserId = userId,
        Id = id,
        Provider = content.Provider,
        Type = content.Type,
        Title = content.Title,
        Username = content.Type == CredentialTypes.OAuth2 ? content.Username : null,
        Host = content.Host,
        HeaderNames = [.. (content.Headers ?? []).Keys],
        Scopes = content.Scopes,
        ExpiresAt = content.ExpiresAt,
        RefreshExpiresAt = content.RefreshExpiresAt,
        Metadata = Encoding.UTF8.GetString(content.Metadata.Memory.Span),
        CreatedAt = at,
        UpdatedAt = at,
    };

    public static CredentialSecrets ToSecrets(CredentialContent content) => new()
    {
        Secret = content.Secret,
        RefreshToken = content.RefreshToken,
        Username = content.Type == CredentialTypes.UserPassword ? content.Username : null,
        Headers = content.Headers,
        Registration = content.Registration,
    };

    public static CredentialMeta ToMeta(CredentialRow row) => new()
    {
        Id = row.Id,
        Provider = row.Provider,
        Type = row.Type,
        Title = row.Title,
        Username = row.Username,
        Host = row.Host,
        HeaderNames = [.. row.HeaderNames],
        Scopes = [.. row.Scopes],
        ExpiresAt = row.ExpiresAt,
        RefreshExpiresAt = row.RefreshExpiresAt,
        Metadata = JsonPayload.Wrap(Encoding.UTF8.GetBytes(row.Metadata)),
    };

    public static CredentialMeta ToMeta(Credential system) => new()
    {
        Id = system.Id,
        Provider = system.Provider,
        Type = system.Type,
        Title = SystemCredentialVault.TitleOf(system.Provider),
        IsSystem = true,
    };

    public static Credential ToCredential(CredentialRow row, CredentialSecrets secrets) => new(row.Id, row.Provider, row.Type, secrets.Secret ?? "")
    {
        Username = row.Username ?? secrets.Username,
        Host = row.Host,
        ServerUrl = McpServerOf(row),
        BaseUrl = CredentialBaseUrl.Find(row.Provider, row.Type, JsonValues.Parse(row.Metadata)),
        Headers = (secrets.Headers ?? ImmutableDictionary<string, string>.Empty).ToImmutableDictionary(StringComparer.OrdinalIgnoreCase),
        Scopes = [.. row.Scopes],
    };

    /// <summary>The MCP server of the credential, from its metadata; null for credentials of other providers, and when it is not there.</summary>
    public static string? McpServerOf(CredentialRow row) =>
        row.Provider == McpCredentials.Provider && JsonValues.Parse(row.Metadata).Member(McpCredentials.ServerUrl) is { ValueKind: JsonValueKind.String } url ? url.GetString() : null;

    public static OAuthTokens ToTokens(CredentialRow row, CredentialSecrets secrets) => new()
    {
        AccessToken = secrets.Secret ?? "",
        AccessTokenExpiresAt = row.ExpiresAt,
        RefreshToken = secrets.RefreshToken,
        RefreshTokenExpiresAt = row.RefreshExpiresAt,
        Scopes = [.. row.Scopes],
        Username = row.Username,
        Metadata = row.Metadata,
        Registration = secrets.Registration is { } registration ? OAuthRegistration.Parse(registration) : null,
    };

    public static CredentialContent ToContent(string provider, string? title, OAuthTokens tokens) => new()
    {
        Provider = provider,
        Type = CredentialTypes.OAuth2,
        Title = title,
        Secret = tokens.AccessToken,
        RefreshToken = tokens.RefreshToken,
        Username = tokens.Username,
        Scopes = tokens.Scopes,
        ExpiresAt = tokens.AccessTokenExpiresAt,
        RefreshExpiresAt = tokens.RefreshTokenExpiresAt,
        Metadata = JsonPayload.Wrap(Encoding.UTF8.GetBytes(tokens.Metadata)),
        Registration = tokens.Registration?.ToJson(),
    };
}
