using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Grainflow.Storage.Graphs;

/// <summary>Settings of <see cref="GraphCache"/>.</summary>
public sealed class GraphCacheOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "GraphCache";

    /// <summary>
    /// Bytes of graph documents whose prepared graphs are kept; a prepared graph takes a few times as much. When it is full, the graphs that
    /// were not used for longest are dropped and read again when they are needed. At least twice the largest document that is accepted.
    /// </summary>
    [Range(GraphLimits.DocumentBytes * 2L, long.MaxValue)]
    public long MaxDocumentBytes { get; set; } = 64 * 1024 * 1024;
}

/// <summary>A graph version ready for use.</summary>
/// <param name="UserId">Its owner.</param>
/// <param name="Index">The graph.</param>
/// <param name="IsDeleted">True when the graph was deleted before the version was read; it may have been deleted since, by another process.</param>
public sealed record CachedGraph(string UserId, GraphIndex Index, bool IsDeleted);

/// <summary>
/// Graph versions, each read and prepared once for all who need it. The documents of versions never change; whether a graph is deleted does,
/// and is asked anew where it matters. A version that is not there is not remembered: it may be created.
/// </summary>
public sealed class GraphCache : IDisposable
{
    /// <summary>What a number counts of <see cref="GraphCacheOptions.MaxDocumentBytes"/>.</summary>
    private const int HighestBytes = 128;

    private readonly IGraphStore _store;
    private readonly IBlockCatalogue _catalogue;
    private readonly MemoryCache _graphs;
    private readonly Lock _gate = new();
    private readonly Dictionary<GraphKey, Reading> _readings = [];

    /// <summary>Makes a cache that is empty.</summary>
    /// <param name="store">The versions.</param>
    /// <param name="catalogue">The blocks.</param>
    /// <param name="options">How much is kept.</param>
    public GraphCache(IGraphStore store, IBlockCatalogue catalogue, IOptions<GraphCacheOptions> options)
    {
        (_store, _catalogue) = (store, catalogue);
        _graphs = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.MaxDocumentBytes });
    }

    /// <summary>A graph version that a user may use, or null when there is none or it was deleted.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<CachedGraph?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken)
    {
        if (version is not { } known)
        {
            if (await _store.FindAsync(graphId, version: null, cancellationToken) is not { } row) return null;
            var key = new GraphKey(row.Id, row.Version);
            _graphs.Set(new HighestOf(graphId), row.Version, new MemoryCacheEntryOptions { Size = HighestBytes });
            return _graphs.TryGetValue(key, out CachedGraph? highest) && highest is { IsDeleted: false } ? highest : Keep(key, row, Prepare(row));
        }

        return await FindForRunAsync(graphId, known, cancellationToken) is { IsDeleted: false } cached && await _store.ExistsAsync(new GraphKey(graphId, known), cancellationToken) ? cached : null;
    }

    /// <summary>
    /// As <see cref="FindAsync"/>, by what this process has read last. There may be a higher version by now, and the graph may be deleted: for those whose next statement makes sure
    /// of it (<c>IScheduleStore.InsertAsync</c>).
    /// </summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <param name="cancellationToken">Gives up waiting; the reading goes on for others.</param>
    /// <returns>Null also when this process does not know which version is the highest.</returns>
    public async Task<CachedGraph?> LastKnownAsync(Guid graphId, int? version, CancellationToken cancellationToken)
    {
        if (version is null && _graphs.TryGetValue(new HighestOf(graphId), out int highest)) version = highest;
        return version is { } known ? await FindForRunAsync(graphId, known, cancellationToken) : null;
    }

    /// <summary>The graph version of a run, also when its graph was deleted after the run was started. Null when it is not kept any more.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">1 or more.</param>
    /// <param name="cancellationToken">Gives up waiting; the reading goes on for others.</param>
    public async Task<CachedGraph?> FindForRunAsync(Guid graphId, int version, CancellationToken cancellationToken)
    {
        var key = new GraphKey(graphId, version);
        if (_graphs.TryGetValue(key, out CachedGraph? cached)) return cached;
        Reading? reading;
        lock (_gate)
        {
            if (!_readings.TryGetValue(key, out reading))
            {
                var own = _readings[key] = reading = new Reading();
                // Beside the scheduler of the grain that asks first: others wait for the same reading.
                own.Result = Task.Run(() => ReadAsync(key, own), CancellationToken.None);
            }
        }

        return await reading.Result.WaitAsync(cancellationToken);
    }

    /// <summary>Drops the versions of a graph that was deleted, so that they are read again with that mark.</summary>
    /// <param name="graphId">The graph.</param>
    public void Remove(Guid graphId)
    {
        lock (_gate)
        {
            // A reading under way may have begun before the deletion: its result is not kept.
            foreach (var key in _readings.Keys)
                if (key.Id == graphId) _readings.Remove(key);
            foreach (var key in _graphs.Keys.OfType<GraphKey>())
                if (key.Id == graphId) _graphs.Remove(key);
            _graphs.Remove(new HighestOf(graphId));
        }
    }

    /// <summary>Drops everything.</summary>
    public void Dispose() => _graphs.Dispose();

    private async Task<CachedGraph?> ReadAsync(GraphKey key, Reading reading)
    {
        GraphRow? row = null;
        CachedGraph? graph = null;
        try
        {
            row = await _store.FindForRunAsync(key, CancellationToken.None);
            return graph = row is null ? null : Prepare(row);
        }
        finally
        {
            lock (_gate)
            {
                if (_readings.TryGetValue(key, out var current) && current == reading)
                {
                    _readings.Remove(key);
                    if (graph is not null) Keep(key, row!, graph);
                }
            }
        }
    }

    private CachedGraph Prepare(GraphRow row) => new(row.UserId, new GraphIndex(GraphDocument.Read(row.Document.Span), _catalogue), row.DeletedAt is not null);

    private CachedGraph Keep(GraphKey key, GraphRow row, CachedGraph graph)
    {
        var size = new MemoryCacheEntryOptions { Size = row.Document.Length };
        _graphs.Set(key, graph, size);
        if (_graphs.TryGetValue(key, out _)) return graph;
        // The cache is full. It takes no entry beyond its limit, and of itself makes room for small ones only.
        _graphs.Compact(0.5);
        return _graphs.Set(key, graph, size);
    }

    /// <summary>The key under which the highest version of a graph is kept.</summary>
    private readonly record struct HighestOf(Guid GraphId);

    private sealed class Reading
    {
        public Task<CachedGraph?> Result { get; set; } = Task.FromResult<CachedGraph?>(null);
    }
}
