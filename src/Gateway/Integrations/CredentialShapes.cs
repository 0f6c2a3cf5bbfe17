using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Integrations;

/// <summary>A credential as a client sends it: one of the four types.</summary>
[OneOfRecords("type", typeof(OAuth2Credentials), typeof(ApiKeyCredentials), typeof(UserPasswordCredentials), typeof(HostScopedInput)), SecretBody]
internal sealed record CredentialsBody;

/// <summary>A credential as clients see it: one of the four types, with masked secrets (decision 5).</summary>
[OneOfRecords("type", typeof(OAuth2Credentials), typeof(ApiKeyCredentials), typeof(UserPasswordCredentials), typeof(HostScopedOutput))]
internal sealed record CredentialsAnswer;

/// <summary>What all types of credentials have.</summary>
internal abstract record CredentialsBase
{
    /// <summary>The id; a new one where the client gives none.</summary>
    public string Id { get; init; } = "";

    /// <summary>The provider. In a request the one of the path counts.</summary>
    public required string Provider { get; init; }

    /// <summary>The label, or null.</summary>
    public string? Title { get; init; }
}

/// <summary>A key.</summary>
[SchemaName("APIKeyCredentials")]
internal sealed record ApiKeyCredentials : CredentialsBase
{
    [OneOf("api_key"), SchemaDefault("\"api_key\"")]
    public string Type { get; init; } = "api_key";

    [Secret]
    public required string ApiKey { get; init; }

    /// <summary>In seconds since 1970, or null.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>No secrets; <c>base_url</c> is the address of the user's own model server (upstream 2b).</summary>
    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}

/// <summary>Tokens of an OAuth login.</summary>
internal sealed record OAuth2Credentials : CredentialsBase
{
    [OneOf("oauth2"), SchemaDefault("\"oauth2\"")]
    public string Type { get; init; } = "oauth2";

    public string? Username { get; init; }

    [Secret]
    public required string AccessToken { get; init; }

    /// <summary>In seconds since 1970, or null.</summary>
    public long? AccessTokenExpiresAt { get; init; }

    [Secret]
    public string? RefreshToken { get; init; }

    /// <summary>In seconds since 1970, or null.</summary>
    public long? RefreshTokenExpiresAt { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}

/// <summary>A user name and a password.</summary>
internal sealed record UserPasswordCredentials : CredentialsBase
{
    [OneOf("user_password"), SchemaDefault("\"user_password\"")]
    public string Type { get; init; } = "user_password";

    [Secret]
    public required string Username { get; init; }

    [Secret]
    public required string Password { get; init; }
}

/// <summary>Headers for one host, as a client sends them.</summary>
[SchemaName("HostScopedCredentials-Input")]
internal sealed record HostScopedInput : CredentialsBase
{
    [OneOf("host_scoped"), SchemaDefault("\"host_scoped\"")]
    public string Type { get; init; } = "host_scoped";

    public required string Host { get; init; }

    [Secret]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Headers for one host, as clients see them.</summary>
[SchemaName("HostScopedCredentials-Output")]
internal sealed record HostScopedOutput : CredentialsBase
{
    [OneOf("host_scoped"), SchemaDefault("\"host_scoped\"")]
    public string Type { get; init; } = "host_scoped";

    public required string Host { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>A credential in a list. The members after the host are those of newer versions of AutoGPT (decision 34).</summary>
internal sealed record CredentialsMetaResponse
{
    public required string Id { get; init; }

    public required string Provider { get; init; }

    [OneOf("api_key", "oauth2", "user_password", "host_scoped")]
    public required string Type { get; init; }

    public required string? Title { get; init; }

    public required IReadOnlyList<string>? Scopes { get; init; }

    public required string? Username { get; init; }

    public string? Host { get; init; }

    /// <summary>Always false: nothing creates credentials on behalf of users here.</summary>
    public bool IsManaged { get; init; }

    /// <summary>What an OAuth provider told, and what the user has said beside an API key.</summary>
    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public string? Service { get; init; }

    public string? ServiceName { get; init; }

    public string? ServiceIcon { get; init; }

    public string? McpAuthScheme { get; init; }
}

/// <summary>The login that a client opens.</summary>
internal sealed record LoginResponse
{
    public required string LoginUrl { get; init; }

    public required string StateToken { get; init; }

    /// <summary>Always null: a login that is not finished ends by itself after ten minutes.</summary>
    public string? CancelUrl { get; init; }
}

/// <summary>What the provider has sent back.</summary>
[SchemaName("Body_postV1Exchange_oauth_code_for_tokens"), SecretBody]
internal sealed record CallbackBody
{
    public required string Code { get; init; }

    public required string StateToken { get; init; }
}

/// <summary>A deletion that was done.</summary>
internal sealed record CredentialsDeletionResponse
{
    [Const("true"), SchemaDefault("true")]
    public bool Deleted { get; init; } = true;

    /// <summary>Whether the provider revoked the tokens; null when there were none.</summary>
    public required bool? Revoked { get; init; }
}

/// <summary>A deletion that the user has to confirm.</summary>
internal sealed record CredentialsDeletionNeedsConfirmationResponse
{
    [Const("false"), SchemaDefault("false")]
    public bool Deleted { get; init; }

    [Const("true"), SchemaDefault("true")]
    public bool NeedConfirmation { get; init; } = true;

    public required string Message { get; init; }
}

/// <summary>What has used a credential and when.</summary>
internal sealed record CredentialAccesses
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<CredentialAccessAnswer> Accesses { get; init; }

    /// <summary>True when there are older ones.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>An access to the secret of a credential.</summary>
[SchemaName("CredentialAccess")]
internal sealed record CredentialAccessAnswer
{
    public required DateTimeOffset At { get; init; }

    /// <summary>What for, a short word.</summary>
    public required string Purpose { get; init; }

    /// <summary>The run that asked; null when none did.</summary>
    public required string? GraphExecId { get; init; }

    public required string? NodeExecId { get; init; }

    /// <summary>The graph of the run; null when no run asked, or the run was deleted.</summary>
    public required string? GraphId { get; init; }

    /// <summary>What the graph was called when it ran, or null.</summary>
    public required string? AgentName { get; init; }

    public required bool Granted { get; init; }

    /// <summary>Why it was refused; null when it was granted.</summary>
    public required string? Reason { get; init; }
}

/// <summary>All providers by constant.</summary>
internal sealed record ProviderConstants
{
    [JsonPropertyName("PROVIDER_NAMES")]
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>An example of a provider.</summary>
internal sealed record ProviderEnumResponse
{
    public required string Provider { get; init; }
}

/// <summary>All providers.</summary>
internal sealed record ProviderNamesResponse
{
    public IReadOnlyList<string> Providers { get; init; } = [];
}

/// <summary>A provider in the list of newer versions. The members after the kinds are null: the platform has no catalogue of MCP servers.</summary>
internal sealed record ProviderMetadata
{
    public required string Name { get; init; }

    /// <summary>What it is for; null where that is not known.</summary>
    public required string? Description { get; init; }

    /// <summary>The kinds of credentials that blocks take, or that a login gives; empty where no block is built that uses it.</summary>
    public required IReadOnlyList<string> SupportedAuthTypes { get; init; }

    public string? DisplayName { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? McpServer { get; init; }

    public string? Service { get; init; }

    public string? ServiceName { get; init; }

    public string? ServiceIcon { get; init; }
}

/// <summary>The address at which a user connects accounts of social media.</summary>
[SchemaName("AyrshareSSOResponse")]
internal sealed record AyrshareSsoResponse
{
    public required string SsoUrl { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
