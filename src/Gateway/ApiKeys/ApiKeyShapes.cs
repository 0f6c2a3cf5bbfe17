using Grainflow.Gateway.Json;
using Grainflow.Storage.ApiKeys;

namespace Grainflow.Gateway.ApiKeys;

/// <summary>The permissions of the contract (semantics 8.5).</summary>
internal static class ApiKeyPermissions
{
    public const string ReadIntegrations = "READ_INTEGRATIONS";
    public const string ManageIntegrations = "MANAGE_INTEGRATIONS";
    public const string DeleteIntegrations = "DELETE_INTEGRATIONS";
}

/// <summary>Marks a list of permissions.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PermissionsAttribute() : OneOfAttribute(
    "IDENTITY", "EXECUTE_GRAPH", "READ_GRAPH", "EXECUTE_BLOCK", "READ_BLOCK", "READ_STORE", "USE_TOOLS",
    ApiKeyPermissions.ManageIntegrations, ApiKeyPermissions.ReadIntegrations, ApiKeyPermissions.DeleteIntegrations);

internal sealed record CreateAPIKeyRequest
{
    public required string Name { get; init; }

    [Permissions]
    public required IReadOnlyList<string> Permissions { get; init; }

    public string? Description { get; init; }
}

internal sealed record UpdatePermissionsRequest
{
    [Permissions]
    public required IReadOnlyList<string> Permissions { get; init; }
}

internal sealed record APIKeyInfo
{
    public required string UserId { get; init; }

    [Permissions]
    public required IReadOnlyList<string> Scopes { get; init; }

    [OneOf("api_key"), SchemaDefault("\"api_key\"")]
    public string Type { get; init; } = "api_key";

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Head { get; init; }

    public required string Tail { get; init; }

    [OneOf("ACTIVE", "REVOKED", "SUSPENDED")]
    public required string Status { get; init; }

    public string? Description { get; init; }

    public static APIKeyInfo Of(ApiKeyRow key) => new()
    {
        UserId = key.UserId,
        Scopes = key.Permissions,
        CreatedAt = key.CreatedAt,
        LastUsedAt = key.LastUsedAt,
        RevokedAt = key.RevokedAt,
        Id = key.Id.ToString(),
        Name = key.Name,
        Head = key.Head,
        Tail = key.Tail,
        Status = key.Status,
        Description = key.Description,
    };
}

internal sealed record CreateAPIKeyResponse
{
    public required APIKeyInfo ApiKey { get; init; }

    public required string PlainTextKey { get; init; }
}
