using System.Collections.Concurrent;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>The documents of graph versions never change, so each is read and prepared once per process. Whether a graph is deleted may change.</summary>
public sealed class GraphCache(IGraphStore store, IBlockCatalogue catalogue)
{
    /// <summary>Versions kept; when more are in use the cache begins anew, which costs a read each.</summary>
    private const int Capacity = 2_000;

    private readonly ConcurrentDictionary<GraphKey, CachedGraph> _graphs = new();

    /// <summary>A graph version that a user may use, or null when there is none or it was deleted.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<CachedGraph?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken)
    {
        if (version is { } known && _graphs.TryGetValue(new GraphKey(graphId, known), out var cached))
            return !cached.IsDeleted && await store.ExistsAsync(new GraphKey(graphId, known), cancellationToken) ? cached : null;
        return await store.FindAsync(graphId, version, cancellationToken) is { } row ? Keep(row) : null;
    }

    /// <summary>The graph version of a run, also when its graph was deleted after the run was started. Null when it is not kept any more.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<CachedGraph?> FindForRunAsync(Guid graphId, int version, CancellationToken cancellationToken)
    {
        var key = new GraphKey(graphId, version);
        if (_graphs.TryGetValue(key, out var cached)) return cached;
        return await store.FindForRunAsync(key, cancellationToken) is { } row ? Keep(row) : null;
    }

    /// <summary>Forgets a deleted graph, so that it is read again with its mark.</summary>
    /// <param name="graphId">The graph.</param>
    public void Forget(Guid graphId)
    {
        foreach (var key in _graphs.Keys)
            if (key.Id == graphId) _graphs.TryRemove(key, out _);
    }

    private CachedGraph Keep(GraphRow row)
    {
        var graph = new CachedGraph(row.UserId, new GraphIndex(GraphDocument.Read(row.Document.Span), catalogue), row.DeletedAt is not null);
        if (_graphs.Count >= Capacity) _graphs.Clear();
        return _graphs[new GraphKey(row.Id, row.Version)] = graph;
    }
}
