using System.Text.Json;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Presets;

/// <summary>A preset with the webhook that triggers it (contract: semantics 8.3).</summary>
internal sealed record LibraryAgentPreset
{
    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Inputs { get; init; }

    public required IReadOnlyDictionary<string, CredentialsMetaInput> Credentials { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    [SchemaDefault("true")]
    public bool IsActive { get; init; }

    public string? WebhookId { get; init; }

    [Always]
    public string Id { get; init; } = "";

    public required string UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required Webhook? Webhook { get; init; }
}

/// <summary>A page of presets.</summary>
internal sealed record LibraryAgentPresetResponse
{
    public required IReadOnlyList<LibraryAgentPreset> Presets { get; init; }

    public required Pagination Pagination { get; init; }
}

/// <summary>A preset that is made of inputs.</summary>
internal sealed record LibraryAgentPresetCreatable
{
    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Inputs { get; init; }

    public required IReadOnlyDictionary<string, CredentialsMetaInput> Credentials { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    [SchemaDefault("true")]
    public bool IsActive { get; init; } = true;

    public string? WebhookId { get; init; }
}

/// <summary>A preset that is made of the inputs of a run.</summary>
internal sealed record LibraryAgentPresetCreatableFromGraphExecution
{
    public required string GraphExecutionId { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    [SchemaDefault("true")]
    public bool IsActive { get; init; } = true;
}

/// <summary>A change of a preset. What is absent or null stays as it is.</summary>
internal sealed record LibraryAgentPresetUpdatable
{
    public IReadOnlyDictionary<string, JsonElement>? Inputs { get; init; }

    public IReadOnlyDictionary<string, CredentialsMetaInput>? Credentials { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public bool? IsActive { get; init; }
}

/// <summary>A preset that a webhook triggers, of a graph that the path names.</summary>
internal sealed record TriggeredPresetSetupParams
{
    public required string Name { get; init; }

    [SchemaDefault("\"\"")]
    public string Description { get; init; } = "";

    /// <summary>The values of the pins of the trigger node.</summary>
    public required IReadOnlyDictionary<string, JsonElement> TriggerConfig { get; init; }

    public IReadOnlyDictionary<string, CredentialsMetaInput> AgentCredentials { get; init; } = new Dictionary<string, CredentialsMetaInput>(StringComparer.Ordinal);
}

/// <summary>A preset that a webhook triggers.</summary>
internal sealed record TriggeredPresetSetupRequest
{
    public required string Name { get; init; }

    [SchemaDefault("\"\"")]
    public string Description { get; init; } = "";

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    /// <summary>The values of the pins of the trigger node.</summary>
    public required IReadOnlyDictionary<string, JsonElement> TriggerConfig { get; init; }

    public IReadOnlyDictionary<string, CredentialsMetaInput> AgentCredentials { get; init; } = new Dictionary<string, CredentialsMetaInput>(StringComparer.Ordinal);
}

/// <summary>The body of "execute a preset": what replaces values of the preset, key by key.</summary>
[SchemaName("Body_postV2Execute_a_preset")]
internal sealed record ExecutePresetBody
{
    public IReadOnlyDictionary<string, JsonElement> Inputs { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, CredentialsMetaInput> CredentialInputs { get; init; } = new Dictionary<string, CredentialsMetaInput>(StringComparer.Ordinal);
}

/// <summary>A preset that stays with an older version of its graph, because the newer one begins with another trigger (contract: upstream 2b).</summary>
internal sealed record PinnedPresetInfo
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required int PinnedVersion { get; init; }
}
