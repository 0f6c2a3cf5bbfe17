using System.Text.Json;

namespace Grainflow.Gateway.Graphs;

/// <summary>The stored document of a graph.</summary>
internal sealed record StoredGraph
{
    public string Id { get; init; } = "";

    public int Version { get; init; }

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public string? Instructions { get; init; }

    public string? RecommendedScheduleCron { get; init; }

    public string? ForkedFromId { get; init; }

    public int? ForkedFromVersion { get; init; }

    public IReadOnlyList<StoredNode> Nodes { get; init; } = [];

    public IReadOnlyList<Link> Links { get; init; } = [];
}

/// <summary>A node in a stored document.</summary>
internal sealed record StoredNode
{
    public string Id { get; init; } = "";

    public string BlockId { get; init; } = "";

    public IReadOnlyDictionary<string, JsonElement> InputDefault { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public string? WebhookId { get; init; }
}

/// <summary>The stored model of a graph: schemas and flags that are computed from its document (ADR 0011).</summary>
internal sealed record StoredFacts
{
    private static readonly IReadOnlyDictionary<string, JsonElement> Nothing = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, JsonElement> InputSchema { get; init; } = Nothing;

    public IReadOnlyDictionary<string, JsonElement> OutputSchema { get; init; } = Nothing;

    public bool HasExternalTrigger { get; init; }

    public bool HasHumanInTheLoop { get; init; }

    public bool HasSensitiveAction { get; init; }

    public GraphTriggerInfo? TriggerSetupInfo { get; init; }

    public IReadOnlyDictionary<string, JsonElement> CredentialsInputSchema { get; init; } = Nothing;

    public IReadOnlyList<StoredKey> SubGraphs { get; init; } = [];
}

/// <summary>The id and version of a sub-graph in a stored model.</summary>
internal sealed record StoredKey
{
    public string Id { get; init; } = "";

    public int Version { get; init; }
}
