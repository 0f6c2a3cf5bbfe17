namespace Grainflow.Engine.Graphs;

/// <summary>The result of an import.</summary>
/// <param name="Bundle">The graphs, with ids of their own, checked.</param>
/// <param name="Originals">New node id to the node of the document.</param>
public sealed record ImportedGraph(GraphBundle Bundle, IReadOnlyDictionary<string, OriginalNode> Originals);
