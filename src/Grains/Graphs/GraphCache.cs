using System.Collections.Concurrent;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>
/// Caches indexed graph versions per process. The document of a version never changes; whether its graph is deleted may change, and is read again where it matters.
/// </summary>
public sealed class GraphCache(IGraphStore store, IBlockCatalogue catalogue)
{
    /// <summary>The most cached versions. When it is reached the cache is cleared, and each version in use is read again.</summary>
    private const int Capacity = 2_000;

    private readonly ConcurrentDictionary<GraphKey, CachedGraph> _graphs = new();

    /// <summary>A graph version, or null when it does not exist or was deleted. The caller checks the owner.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<CachedGraph?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken)
    {
        if (version is { } known && _graphs.TryGetValue(new GraphKey(graphId, known), out var cached))
            return !cached.IsDeleted && await store.ExistsAsync(new GraphKey(graphId, known), cancellationToken) ? cached : null;
        return await store.FindAsync(graphId, version, cancellationToken) is { } row ? Add(row) : null;
    }

    /// <summary>The graph version of a run, also when its graph was deleted after the run was started. Null when its row was removed since.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<CachedGraph?> FindForRunAsync(Guid graphId, int version, CancellationToken cancellationToken)
    {
        var key = new GraphKey(graphId, version);
        if (_graphs.TryGetValue(key, out var cached)) return cached;
        return await store.FindForRunAsync(key, cancellationToken) is { } row ? Add(row) : null;
    }

    /// <summary>Removes all versions of a deleted graph, so that they are read again with the time of their deletion.</summary>
    /// <param name="graphId">The graph.</param>
    public void Remove(Guid graphId)
    {
        foreach (var key in _graphs.Keys)
            if (key.Id == graphId) _graphs.TryRemove(key, out _);
    }

    private CachedGraph Add(GraphRow row)
    {
        var graph = new CachedGraph(row.UserId, new GraphIndex(GraphDocument.Read(row.Document.Span), catalogue), row.DeletedAt is not null);
        if (_graphs.Count >= Capacity) _graphs.Clear();
        return _graphs[new GraphKey(row.Id, row.Version)] = graph;
    }
}

/// <summary>An indexed graph version in the <see cref="GraphCache"/>.</summary>
/// <param name="UserId">The owner of the graph.</param>
/// <param name="Index">The graph.</param>
/// <param name="IsDeleted">True when the graph was deleted before the version was read. Another process may have deleted it since.</param>
public sealed record CachedGraph(string UserId, GraphIndex Index, bool IsDeleted);
