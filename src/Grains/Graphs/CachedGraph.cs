using Grainflow.Engine.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>A graph version ready for use.</summary>
/// <param name="UserId">Its owner.</param>
/// <param name="Index">The graph.</param>
/// <param name="IsDeleted">True when the graph was deleted before the version was read; it may have been deleted since, by another process.</param>
public sealed record CachedGraph(string UserId, GraphIndex Index, bool IsDeleted);
