namespace Grainflow.Engine.Graphs;

/// <summary>The node of a document from which a node of an imported graph was made.</summary>
/// <param name="NodeId">The id in the document.</param>
/// <param name="GraphName">The name of the graph that contains it.</param>
public sealed record OriginalNode(string NodeId, string GraphName);
