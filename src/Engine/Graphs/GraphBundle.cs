using System.Collections.Immutable;

namespace Grainflow.Engine.Graphs;

/// <summary>A graph with all graphs that its Agent nodes run, directly or through sub-graphs.</summary>
/// <param name="Root">The graph itself.</param>
/// <param name="SubGraphs">All sub-graphs in one list, in the order of the document.</param>
public sealed record GraphBundle(Graph Root, ImmutableArray<Graph> SubGraphs)
{
    /// <summary>The root and then the sub-graphs.</summary>
    public IEnumerable<Graph> All => SubGraphs.Prepend(Root);
}
