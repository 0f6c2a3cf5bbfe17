using System.Collections.Immutable;

namespace Grainflow.Engine.Graphs;

/// <summary>One immutable version of a graph (contract: semantics 1.1).</summary>
public sealed record Graph
{
    /// <summary>The graph's id; the same for all its versions.</summary>
    public required string Id { get; init; }

    /// <summary>The version, 1 or more.</summary>
    public int Version { get; init; } = 1;

    /// <summary>True when this version is the active one.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>The title.</summary>
    public string Name { get; init; } = "";

    /// <summary>The description.</summary>
    public string Description { get; init; } = "";

    /// <summary>Instructions for users of the graph, or null.</summary>
    public string? Instructions { get; init; }

    /// <summary>The cron expression that the author recommends for schedules, or null.</summary>
    public string? RecommendedScheduleCron { get; init; }

    /// <summary>The id of the graph that this one was copied from, or null.</summary>
    public string? ForkedFromId { get; init; }

    /// <summary>The version of the graph that this one was copied from, or null.</summary>
    public int? ForkedFromVersion { get; init; }

    /// <summary>The nodes, in the order of the document, which is the order in which starting nodes run.</summary>
    public required ImmutableArray<GraphNode> Nodes { get; init; }

    /// <summary>The links, in the order of the document, which is the order in which outputs are routed.</summary>
    public required ImmutableArray<GraphLink> Links { get; init; }
}
