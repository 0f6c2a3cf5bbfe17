namespace Grainflow.Engine.Graphs;

/// <summary>The result of <see cref="GraphImport"/>.</summary>
/// <param name="Bundle">The validated graphs with their new ids.</param>
/// <param name="Originals">The nodes of the document by new node id.</param>
public sealed record ImportedGraph(GraphBundle Bundle, IReadOnlyDictionary<string, OriginalNode> Originals);
