namespace Grainflow.Engine.Graphs;

/// <summary>Where a node of an imported graph came from.</summary>
/// <param name="NodeId">The node's id in the document.</param>
/// <param name="GraphName">The name of the graph it stands in.</param>
public sealed record OriginalNode(string NodeId, string GraphName);
