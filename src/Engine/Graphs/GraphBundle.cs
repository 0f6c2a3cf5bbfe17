using System.Collections.Immutable;

namespace Grainflow.Engine.Graphs;

/// <summary>A graph with all the graphs that its Agent nodes run, flat.</summary>
/// <param name="Root">The graph itself.</param>
/// <param name="SubGraphs">The graphs below it, in the order of the document; sub-graphs of sub-graphs stand in the same list.</param>
public sealed record GraphBundle(Graph Root, ImmutableArray<Graph> SubGraphs)
{
    /// <summary>The root and then the sub-graphs.</summary>
    public IEnumerable<Graph> All => SubGraphs.Prepend(Root);
}
