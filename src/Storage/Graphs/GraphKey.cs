namespace Grainflow.Storage.Graphs;

/// <summary>Names one version of a graph.</summary>
/// <param name="Id">The graph.</param>
/// <param name="Version">The version.</param>
public sealed record GraphKey(Guid Id, int Version);
