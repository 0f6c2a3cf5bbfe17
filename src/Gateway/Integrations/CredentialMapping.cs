using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Json;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Interfaces.Mcp;
using Grainflow.Storage.Credentials;

namespace Grainflow.Gateway.Integrations;

/// <summary>Credentials as clients send and see them.</summary>
internal static class CredentialMapping
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mask = "**********";

    /// <summary>The credential of a body whose type was checked.</summary>
    /// <param name="provider">The provider of the path.</param>
    /// <param name="body">The body.</param>
    public static CredentialContent ToContent(string provider, JsonElement body) => body.Member("type")?.GetString() switch
    {
        CredentialTypes.OAuth2 => ToContent(provider, body.Deserialize<OAuth2Credentials>(GatewayJson.Options)!),
        CredentialTypes.UserPassword => ToContent(provider, body.Deserialize<UserPasswordCredentials>(GatewayJson.Options)!),
        CredentialTypes.HostScoped => ToContent(provider, body.Deserialize<HostScopedInput>(GatewayJson.Options)!),
        _ => ToContent(provider, body.Deserialize<ApiKeyCredentials>(GatewayJson.Options)!),
    };

    /// <summary>True for the id of a credential of the platform, which all users have.</summary>
    /// <param name="id">The id of a credential.</param>
    public static bool IsOfPlatform(string id) => SystemCredentials.Ids.Values.Contains(id, StringComparer.Ordinal);

    public static CredentialAccessAnswer ToAccess(CredentialAccessRow row) => new()
    {
        At = row.At,
        Purpose = row.Purpose,
        GraphExecId = row.RunId?.ToString(),
        NodeExecId = row.NodeExecutionId?.ToString(),
        GraphId = row.GraphId?.ToString(),
        AgentName = row.AgentName,
        Granted = row.Reason is null,
        Reason = row.Reason,
    };

    public static CredentialsMetaResponse ToMeta(CredentialMeta meta)
    {
        var metadata = MetadataOf(meta);
        return new()
        {
            Id = meta.Id,
            Provider = meta.Provider,
            Type = meta.Type,
            Title = meta.Title,
            Scopes = meta.Type == CredentialTypes.OAuth2 ? meta.Scopes : null,
            Username = meta.Type == CredentialTypes.OAuth2 ? meta.Username : null,
            // Newer clients find the credential of an MCP server by its address.
            Host = meta.Host ?? (meta.Provider == McpCredentials.Provider && metadata.GetValueOrDefault(McpCredentials.ServerUrl) is { ValueKind: JsonValueKind.String } server ? server.GetString() : null),
            Metadata = metadata,
        };
    }

    /// <summary>A credential with masks in the place of its secrets.</summary>
    public static CredentialsBase ToMasked(CredentialMeta meta) => meta.Type switch
    {
        CredentialTypes.OAuth2 => new OAuth2Credentials
        {
            Id = meta.Id,
            Provider = meta.Provider,
            Title = meta.Title,
            Username = meta.Username,
            AccessToken = Mask,
            AccessTokenExpiresAt = meta.ExpiresAt,
            RefreshToken = Mask,
            RefreshTokenExpiresAt = meta.RefreshExpiresAt,
            Scopes = meta.Scopes,
            Metadata = MetadataOf(meta),
        },
        CredentialTypes.UserPassword => new UserPasswordCredentials { Id = meta.Id, Provider = meta.Provider, Title = meta.Title, Username = Mask, Password = Mask },
        CredentialTypes.HostScoped => new HostScopedOutput
        {
            Id = meta.Id,
            Provider = meta.Provider,
            Title = meta.Title,
            Host = meta.Host ?? "",
            Headers = meta.HeaderNames.ToDictionary(name => name, _ => Mask, StringComparer.Ordinal),
        },
        _ => new ApiKeyCredentials { Id = meta.Id, Provider = meta.Provider, Title = meta.Title, ApiKey = Mask, ExpiresAt = meta.ExpiresAt, Metadata = MetadataOf(meta) },
    };

    private static Dictionary<string, JsonElement> MetadataOf(CredentialMeta meta) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(meta.Metadata.Memory.Span)!;

    private static CredentialContent ToContent(string provider, ApiKeyCredentials body) => new()
    {
        Provider = provider,
        Type = CredentialTypes.ApiKey,
        Title = body.Title,
        Secret = body.ApiKey,
        ExpiresAt = body.ExpiresAt,
        Metadata = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(body.Metadata)),
    };

    private static CredentialContent ToContent(string provider, OAuth2Credentials body) => new()
    {
        Provider = provider,
        Type = CredentialTypes.OAuth2,
        Title = body.Title,
        Username = body.Username,
        Secret = body.AccessToken,
        ExpiresAt = body.AccessTokenExpiresAt,
        RefreshToken = body.RefreshToken,
        RefreshExpiresAt = body.RefreshTokenExpiresAt,
        Scopes = [.. body.Scopes],
        Metadata = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(body.Metadata)),
    };

    private static CredentialContent ToContent(string provider, UserPasswordCredentials body) => new()
    {
        Provider = provider,
        Type = CredentialTypes.UserPassword,
        Title = body.Title,
        Username = body.Username,
        Secret = body.Password,
    };

    private static CredentialContent ToContent(string provider, HostScopedInput body) => new()
    {
        Provider = provider,
        Type = CredentialTypes.HostScoped,
        Title = body.Title,
        Host = body.Host,
        Headers = new Dictionary<string, string>(body.Headers, StringComparer.Ordinal),
    };
}
