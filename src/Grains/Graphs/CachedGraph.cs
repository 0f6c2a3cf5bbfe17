using Grainflow.Engine.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>A graph version ready for use.</summary>
/// <param name="UserId">Its owner.</param>
/// <param name="Index">The graph.</param>
public sealed record CachedGraph(string UserId, GraphIndex Index);
