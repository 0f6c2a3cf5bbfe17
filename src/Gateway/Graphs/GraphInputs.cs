using System.Text.Json;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Graphs;

/// <summary>The body of "create graph".</summary>
[SchemaName("CreateGraph")]
internal sealed record CreateGraphBody
{
    public required GraphBody Graph { get; init; }

    [OneOf("builder", "upload")]
    public string? Source { get; init; }
}

/// <summary>The common members of graphs and sub-graphs in requests.</summary>
internal abstract record GraphShape
{
    public string Id { get; init; } = "";

    [SchemaDefault("1")]
    public int Version { get; init; } = 1;

    [SchemaDefault("true")]
    public bool IsActive { get; init; } = true;

    public required string Name { get; init; }

    public required string Description { get; init; }

    public string? Instructions { get; init; }

    public string? RecommendedScheduleCron { get; init; }

    [SchemaDefault("[]")]
    public IReadOnlyList<Node> Nodes { get; init; } = [];

    [SchemaDefault("[]")]
    public IReadOnlyList<Link> Links { get; init; } = [];

    public string? ForkedFromId { get; init; }

    public int? ForkedFromVersion { get; init; }
}

/// <summary>A graph with its sub-graphs, in a request.</summary>
[SchemaName("Graph")]
internal sealed record GraphBody : GraphShape
{
    [SchemaDefault("[]")]
    public IReadOnlyList<SubGraph> SubGraphs { get; init; } = [];
}

/// <summary>A sub-graph in a request.</summary>
[SchemaName("BaseGraph-Input")]
internal sealed record SubGraph : GraphShape;

/// <summary>A node of a graph.</summary>
internal sealed record Node
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
}

/// <summary>A link between two nodes.</summary>
internal sealed record Link
{
    public string Id { get; init; } = "";

    public required string SourceId { get; init; }

    public required string SinkId { get; init; }

    public required string SourceName { get; init; }

    public required string SinkName { get; init; }

    [SchemaDefault("false")]
    public bool IsStatic { get; init; }
}

/// <summary>The body of "set active version".</summary>
internal sealed record SetGraphActiveVersion
{
    public required int ActiveGraphVersion { get; init; }
}

/// <summary>When runs of a graph wait for a person.</summary>
internal sealed record GraphSettings
{
    /// <summary>Whether blocks for human review ask; without, they pass their data on.</summary>
    [SchemaDefault("true")]
    public bool HumanInTheLoopSafeMode { get; init; } = true;

    /// <summary>Whether blocks with sensitive actions ask before they act.</summary>
    [SchemaDefault("false")]
    public bool SensitiveActionSafeMode { get; init; }
}
