using System.Text.Json;
using Grainflow.Gateway.Integrations;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.External;

[OneOfRecords("type", typeof(CreateAPIKeyCredentialRequest), typeof(CreateUserPasswordCredentialRequest), typeof(CreateHostScopedCredentialRequest)), SecretBody]
internal sealed record CreateCredentialBody;

internal sealed record CreateAPIKeyCredentialRequest
{
    [OneOf("api_key"), SchemaDefault("\"api_key\"")]
    public string Type { get; init; } = "api_key";

    public required string ApiKey { get; init; }

    public required string Title { get; init; }

    public long? ExpiresAt { get; init; }
}

internal sealed record CreateUserPasswordCredentialRequest
{
    [OneOf("user_password"), SchemaDefault("\"user_password\"")]
    public string Type { get; init; } = "user_password";

    public required string Username { get; init; }

    public required string Password { get; init; }

    public required string Title { get; init; }
}

internal sealed record CreateHostScopedCredentialRequest
{
    [OneOf("host_scoped"), SchemaDefault("\"host_scoped\"")]
    public string Type { get; init; } = "host_scoped";

    public required string Host { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required string Title { get; init; }
}

internal sealed record CreateCredentialResponse
{
    public required string Id { get; init; }

    public required string Provider { get; init; }

    [OneOf("api_key", "oauth2", "user_password", "host_scoped")]
    public required string Type { get; init; }

    public string? Title { get; init; }
}

internal sealed record CredentialSummary
{
    public required string Id { get; init; }

    public required string Provider { get; init; }

    [OneOf("api_key", "oauth2", "user_password", "host_scoped")]
    public required string Type { get; init; }

    public string? Title { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    public string? Username { get; init; }

    public string? Host { get; init; }

    public static CredentialSummary Of(CredentialsMetaResponse meta) => new()
    {
        Id = meta.Id,
        Provider = meta.Provider,
        Type = meta.Type,
        Title = meta.Title,
        Scopes = meta.Scopes,
        Username = meta.Username,
        Host = meta.Host,
    };
}

internal sealed record ProviderInfo
{
    public required string Name { get; init; }

    [SchemaDefault("false")]
    public bool SupportsOauth { get; init; }

    [SchemaDefault("false")]
    public bool SupportsApiKey { get; init; }

    [SchemaDefault("false")]
    public bool SupportsUserPassword { get; init; }

    [SchemaDefault("false")]
    public bool SupportsHostScoped { get; init; }

    public IReadOnlyList<string> DefaultScopes { get; init; } = [];
}

internal sealed record DeleteCredentialResponse
{
    public required bool Deleted { get; init; }

    public required string CredentialsId { get; init; }
}

internal sealed record OAuthInitiateRequest
{
    public required string CallbackUrl { get; init; }

    public IReadOnlyList<string> Scopes { get; init; } = [];

    public IReadOnlyDictionary<string, JsonElement> StateMetadata { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}

internal sealed record OAuthInitiateResponse
{
    public required string LoginUrl { get; init; }

    public required string StateToken { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long ExpiresAt { get; init; }
}

[SecretBody]
internal sealed record OAuthCompleteRequest
{
    public required string Code { get; init; }

    public required string StateToken { get; init; }
}

internal sealed record OAuthCompleteResponse
{
    public required string CredentialsId { get; init; }

    public required string Provider { get; init; }

    public required string Type { get; init; }

    public string? Title { get; init; }

    public IReadOnlyList<string> Scopes { get; init; } = [];

    public string? Username { get; init; }

    public IReadOnlyDictionary<string, JsonElement> StateMetadata { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}
