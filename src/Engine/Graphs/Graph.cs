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

/// <summary>A connection from an output pin to an input pin (contract: semantics 1.1 and 1.4).</summary>
/// <param name="Id">The link's id.</param>
/// <param name="SourceId">The node that emits.</param>
/// <param name="SourceName">Its output pin, which may be dynamic and then selects a part of the value (<c>result_#_status</c>).</param>
/// <param name="SinkId">The node that receives.</param>
/// <param name="SinkName">Its input pin, which may be dynamic (<c>values_#_name</c>).</param>
/// <param name="IsStatic">True when later executions of the sink use the last value again.</param>
public sealed record GraphLink(string Id, string SourceId, string SourceName, string SinkId, string SinkName, bool IsStatic);

/// <summary>A graph with all graphs that its Agent nodes run, directly or through sub-graphs.</summary>
/// <param name="Root">The graph itself.</param>
/// <param name="SubGraphs">All sub-graphs in one list, in the order of the document.</param>
public sealed record GraphBundle(Graph Root, ImmutableArray<Graph> SubGraphs)
{
    /// <summary>The root and then the sub-graphs.</summary>
    public IEnumerable<Graph> All => SubGraphs.Prepend(Root);
}
