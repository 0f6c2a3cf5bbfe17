using System.Collections.Concurrent;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>Graph versions never change, so each is read and prepared once per process.</summary>
public sealed class GraphCache(IGraphStore store, IBlockCatalogue catalogue)
{
    /// <summary>Versions kept; when more are in use the cache begins anew, which costs a read each.</summary>
    private const int Capacity = 2_000;

    private readonly ConcurrentDictionary<GraphKey, CachedGraph> _graphs = new();

    /// <summary>A graph version, or null when there is none.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async Task<CachedGraph?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken)
    {
        if (version is { } known && _graphs.TryGetValue(new GraphKey(graphId, known), out var cached)) return cached;
        if (await store.FindAsync(graphId, version, cancellationToken) is not { } row) return null;

        var graph = new CachedGraph(row.UserId, new GraphIndex(GraphDocument.Read(row.Document.Span), catalogue));
        if (_graphs.Count >= Capacity) _graphs.Clear();
        _graphs[new GraphKey(row.Id, row.Version)] = graph;
        return graph;
    }

    /// <summary>Forgets a deleted graph.</summary>
    /// <param name="graphId">The graph.</param>
    public void Forget(Guid graphId)
    {
        foreach (var key in _graphs.Keys)
            if (key.Id == graphId) _graphs.TryRemove(key, out _);
    }
}
