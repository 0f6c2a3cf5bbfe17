using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Presets;
using Grainflow.Storage.Graphs;

namespace Grainflow.Gateway.Graphs;

/// <summary>What names and describes a version of a graph.</summary>
internal abstract record GraphHead
{
    protected GraphHead()
    {
    }

    /// <summary>The head of a version as its document has it.</summary>
    [SetsRequiredMembers]
    protected GraphHead(string id, int version, bool isActive, StoredGraph document)
    {
        (Id, Version, IsActive) = (id, version, isActive);
        (Name, Description, Instructions, RecommendedScheduleCron) = (document.Name, document.Description, document.Instructions, document.RecommendedScheduleCron);
        (ForkedFromId, ForkedFromVersion) = (document.ForkedFromId, document.ForkedFromVersion);
    }

    public string Id { get; init; } = "";

    [SchemaDefault("1")]
    public int Version { get; init; }

    [SchemaDefault("true")]
    public bool IsActive { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public string? Instructions { get; init; }

    public string? RecommendedScheduleCron { get; init; }

    public string? ForkedFromId { get; init; }

    public int? ForkedFromVersion { get; init; }
}

/// <summary>The common members of all answers about graphs.</summary>
internal abstract record GraphAnswer : GraphHead
{
    protected GraphAnswer()
    {
    }

    /// <summary>The same with the schemas and flags of the model.</summary>
    [SetsRequiredMembers]
    protected GraphAnswer(string id, int version, bool isActive, StoredGraph document, StoredFacts facts)
        : base(id, version, isActive, document)
    {
        (InputSchema, OutputSchema, TriggerSetupInfo) = (facts.InputSchema, facts.OutputSchema, facts.TriggerSetupInfo);
        (HasExternalTrigger, HasHumanInTheLoop, HasSensitiveAction) = (facts.HasExternalTrigger, facts.HasHumanInTheLoop, facts.HasSensitiveAction);
    }

    [ReadOnlyMember]
    public required IReadOnlyDictionary<string, JsonElement> InputSchema { get; init; }

    [ReadOnlyMember]
    public required IReadOnlyDictionary<string, JsonElement> OutputSchema { get; init; }

    [ReadOnlyMember]
    public required bool HasExternalTrigger { get; init; }

    [ReadOnlyMember]
    public required bool HasHumanInTheLoop { get; init; }

    [ReadOnlyMember]
    public required bool HasSensitiveAction { get; init; }

    [ReadOnlyMember]
    public required GraphTriggerInfo? TriggerSetupInfo { get; init; }
}

/// <summary>A sub-graph in an answer.</summary>
[SchemaName("BaseGraph-Output")]
internal sealed record SubGraphAnswer : GraphAnswer
{
    public SubGraphAnswer()
    {
    }

    [SetsRequiredMembers]
    public SubGraphAnswer(StoredGraph document, StoredFacts facts, bool isActive)
        : base(document.Id, document.Version, isActive, document, facts)
    {
    }

    [SchemaDefault("[]")]
    public IReadOnlyList<Node> Nodes { get; init; } = [];

    [SchemaDefault("[]")]
    public IReadOnlyList<Link> Links { get; init; } = [];
}

/// <summary>A graph in a listing.</summary>
internal sealed record GraphMeta : GraphAnswer
{
    public GraphMeta()
    {
    }

    [SetsRequiredMembers]
    public GraphMeta(GraphRow row, StoredGraph document, StoredFacts facts)
        : base(row.Id.ToString(), row.Version, row.IsActive, document, facts) =>
        (UserId, CredentialsInputSchema) = (row.UserId, facts.CredentialsInputSchema);

    [SchemaDefault("[]")]
    public IReadOnlyList<SubGraphAnswer> SubGraphs { get; init; } = [];

    public required string UserId { get; init; }

    /// <summary>Always null: there are no organisations (decision 34).</summary>
    public string? OrganizationId { get; init; }

    /// <summary>Always null.</summary>
    public string? TeamId { get; init; }

    [ReadOnlyMember]
    public required IReadOnlyDictionary<string, JsonElement> CredentialsInputSchema { get; init; }
}

/// <summary>A graph in a listing of newer versions: without schemas and sub-graphs (contract: upstream 2b).</summary>
internal sealed record GraphRowAnswer : GraphHead
{
    public GraphRowAnswer()
    {
    }

    [SetsRequiredMembers]
    public GraphRowAnswer(string userId, OwnAgentHead head, StoredGraph document)
        : base(head.Key.Id.ToString(), head.Key.Version, isActive: true, document) =>
        (UserId, CreatedAt) = (userId, head.CreatedAt);

    public required string UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Always null: there are no organisations (decision 34).</summary>
    public string? OrganizationId { get; init; }

    /// <summary>Always null.</summary>
    public string? TeamId { get; init; }
}

/// <summary>A graph with its nodes, links and sub-graphs.</summary>
internal sealed record GraphModel : GraphAnswer
{
    public GraphModel()
    {
    }

    [SetsRequiredMembers]
    public GraphModel(GraphRow row, StoredGraph document, StoredFacts facts)
        : base(row.Id.ToString(), row.Version, row.IsActive, document, facts) =>
        (UserId, CreatedAt, CredentialsInputSchema) = (row.UserId, row.CreatedAt, facts.CredentialsInputSchema);

    [SchemaDefault("[]")]
    public IReadOnlyList<NodeModel> Nodes { get; init; } = [];

    [SchemaDefault("[]")]
    public IReadOnlyList<Link> Links { get; init; } = [];

    [SchemaDefault("[]")]
    public IReadOnlyList<SubGraphAnswer> SubGraphs { get; init; } = [];

    public required string UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Always null: there are no organisations (decision 34).</summary>
    public string? OrganizationId { get; init; }

    /// <summary>Always null.</summary>
    public string? TeamId { get; init; }

    /// <summary>The presets that stay with an older version when this one has become active, because it begins with another trigger; empty in other answers (contract: upstream 2b).</summary>
    [SchemaDefault("[]")]
    public IReadOnlyList<PinnedPresetInfo> PinnedPresets { get; init; } = [];

    /// <summary>What was kept although it is not known here, in answers of "create graph" and "update graph"; empty in other answers (contract: decision 35).</summary>
    [SchemaDefault("[]")]
    public IReadOnlyList<GraphWarning> Warnings { get; init; } = [];

    [ReadOnlyMember]
    public required IReadOnlyDictionary<string, JsonElement> CredentialsInputSchema { get; init; }
}

/// <summary>Something that an import has kept although it is not known here, or cannot be used as it is (contract: decision 35).</summary>
internal sealed record GraphWarning
{
    /// <summary>The place in the document and what is to be done.</summary>
    public required string Message { get; init; }

    /// <summary>The stored node; null when a document uses its id in several graphs.</summary>
    public required string? NodeId { get; init; }

    /// <summary>The pin, or null.</summary>
    public required string? Field { get; init; }
}

/// <summary>A node of a graph, in an answer.</summary>
internal sealed record NodeModel
{
    public string Id { get; init; } = "";

    public required string BlockId { get; init; }

    [SchemaDefault("{}")]
    public IReadOnlyDictionary<string, JsonElement> InputDefault { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    [SchemaDefault("{}")]
    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    [SchemaDefault("[]")]
    public IReadOnlyList<Link> InputLinks { get; init; } = [];

    [SchemaDefault("[]")]
    public IReadOnlyList<Link> OutputLinks { get; init; } = [];

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public string? WebhookId { get; init; }

    public Webhook? Webhook { get; init; }
}

/// <summary>The webhook that a user has to set up so that it starts the graph.</summary>
internal sealed record GraphTriggerInfo
{
    public required string Provider { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> ConfigSchema { get; init; }

    public required string? CredentialsInputName { get; init; }
}

/// <summary>The webhook that starts a graph at a node.</summary>
internal sealed record Webhook
{
    public string Id { get; init; } = "";

    public required string UserId { get; init; }

    public required string Provider { get; init; }

    public required string CredentialsId { get; init; }

    public required string WebhookType { get; init; }

    public required string Resource { get; init; }

    public required IReadOnlyList<string> Events { get; init; }

    public IReadOnlyDictionary<string, JsonElement> Config { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public required string Secret { get; init; }

    public required string ProviderWebhookId { get; init; }

    [ReadOnlyMember]
    public required string Url { get; init; }
}

/// <summary>What the activation of a version has left behind, for newer versions; the contract answers null (contract: upstream 2b).</summary>
internal sealed record ActivatedGraph
{
    public required IReadOnlyList<PinnedPresetInfo> PinnedPresets { get; init; }
}

/// <summary>How many versions were deleted.</summary>
/// <param name="VersionCounts">The number.</param>
internal sealed record DeleteGraphResponse([property: Always] int VersionCounts);
