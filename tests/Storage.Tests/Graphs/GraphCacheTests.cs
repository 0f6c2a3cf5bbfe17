using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainflow.Storage.Tests.Graphs;

public sealed class GraphCacheTests
{
    private static readonly Guid Id = new("00000000-0000-4000-8000-000000000001");

    private readonly ScriptedStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_is_read_once_for_all_who_ask_at_the_same_time()
    {
        using var cache = Cache();
        _store.Add(Id, 1);
        using (_store.Hold())
        {
            var finds = Enumerable.Range(0, 20).Select(_ => cache.FindForRunAsync(Id, 1, Token)).ToList();
            await _store.Asked.WaitAsync(Token);
            Assert.All(finds, find => Assert.False(find.IsCompleted));
            _store.Release();
            var graphs = await Task.WhenAll(finds);
            Assert.All(graphs, graph => Assert.Same(graphs[0], graph));
        }

        Assert.NotNull(await cache.FindForRunAsync(Id, 1, Token));
        Assert.Equal(1, _store.Reads);
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_not_remembered()
    {
        using var cache = Cache();
        Assert.Null(await cache.FindForRunAsync(Id, 1, Token));
        _store.Add(Id, 1);
        Assert.NotNull(await cache.FindForRunAsync(Id, 1, Token));
    }

    [Fact]
    public async Task A_failed_reading_is_not_remembered_and_fails_everybody_who_waited()
    {
        using var cache = Cache();
        _store.Add(Id, 1);
        using (_store.Hold())
        {
            var finds = new[] { cache.FindForRunAsync(Id, 1, Token), cache.FindForRunAsync(Id, 1, Token) };
            await _store.Asked.WaitAsync(Token);
            _store.Fail(new IOException("The connection broke."));
            foreach (var find in finds) await Assert.ThrowsAsync<IOException>(() => find);
        }

        Assert.NotNull(await cache.FindForRunAsync(Id, 1, Token));
    }

    [Fact]
    public async Task One_who_gives_up_ends_the_reading_of_nobody_else()
    {
        using var cache = Cache();
        _store.Add(Id, 1);
        using var hold = _store.Hold();
        using var impatient = new CancellationTokenSource();
        var first = cache.FindForRunAsync(Id, 1, impatient.Token);
        var second = cache.FindForRunAsync(Id, 1, Token);
        await _store.Asked.WaitAsync(Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _store.Release();
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task A_graph_that_was_deleted_is_there_for_its_runs_and_for_nobody_else()
    {
        using var cache = Cache();
        _store.Add(Id, 1);
        Assert.NotNull(await cache.FindAsync(Id, 1, Token));
        _store.Delete(Id);

        // Deleted by another process: the document may still be used, and the store is asked.
        Assert.Null(await cache.FindAsync(Id, 1, Token));
        Assert.Null(await cache.FindAsync(Id, null, Token));
        Assert.NotNull(await cache.FindForRunAsync(Id, 1, Token));

        cache.Remove(Id);
        Assert.True((await cache.FindForRunAsync(Id, 1, Token))!.IsDeleted);
    }

    [Fact]
    public async Task A_reading_that_began_before_a_deletion_is_not_kept()
    {
        using var cache = Cache();
        _store.Add(Id, 1);
        using (_store.Hold())
        {
            var find = cache.FindForRunAsync(Id, 1, Token);
            await _store.Asked.WaitAsync(Token);
            _store.Delete(Id);
            cache.Remove(Id);
            _store.Release();
            Assert.False((await find)!.IsDeleted);
        }

        Assert.True((await cache.FindForRunAsync(Id, 1, Token))!.IsDeleted);
    }

    [Fact]
    public async Task The_highest_version_is_asked_for_and_prepared_once()
    {
        using var cache = Cache();
        _store.Add(Id, 1);
        _store.Add(Id, 2);
        var graph = await cache.FindAsync(Id, null, Token);
        Assert.Equal(2, graph!.Index.Graph.Version);
        Assert.Same(graph, await cache.FindAsync(Id, null, Token));
        Assert.Same(graph, await cache.FindForRunAsync(Id, 2, Token));
        Assert.Equal(0, _store.Reads);
    }

    [Fact]
    public async Task A_full_cache_drops_some_and_not_all_and_still_takes_the_largest()
    {
        const int Large = GraphLimits.DocumentBytes;
        using var cache = Cache(2 * Large);
        for (var version = 1; version <= 8; version++) _store.Add(Id, version, Large / 4);
        _store.Add(Id, 9, Large);
        for (var version = 1; version <= 8; version++) await cache.FindForRunAsync(Id, version, Token);
        Assert.Equal(8, _store.Reads);

        // The one that does not fit is kept all the same, and so is one used just before it.
        await cache.FindForRunAsync(Id, 8, Token);
        await cache.FindForRunAsync(Id, 9, Token);
        await cache.FindForRunAsync(Id, 9, Token);
        await cache.FindForRunAsync(Id, 8, Token);
        Assert.Equal(9, _store.Reads);

        // Those dropped for it are read again.
        await cache.FindForRunAsync(Id, 1, Token);
        Assert.Equal(10, _store.Reads);
    }

    [Fact]
    public async Task A_cache_that_is_too_small_for_one_document_is_refused()
    {
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddGrainflowStorage("Host=/nowhere")
            .AddSingleton<IBlockCatalogue>(new NoBlocks())
            .Configure<GraphCacheOptions>(options => options.MaxDocumentBytes = GraphLimits.DocumentBytes)
            .BuildServiceProvider();
        Assert.Throws<OptionsValidationException>(services.GetRequiredService<GraphCache>);
    }

    private GraphCache Cache(long? size = null)
    {
        var options = new GraphCacheOptions();
        if (size is { } bytes) options.MaxDocumentBytes = bytes;
        return new GraphCache(_store, new NoBlocks(), Options.Create(options));
    }

    private sealed class NoBlocks : IBlockCatalogue
    {
        public BlockDefinition? Find(string blockId) => null;
    }

    /// <summary>Versions in memory whose reading can be held up or made to fail.</summary>
    private sealed class ScriptedStore : IGraphStore
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<GraphKey, GraphRow> _rows = [];
        private TaskCompletionSource? _held;
        private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        /// <summary>Completes when a reading is held up.</summary>
        public Task Asked => _asked.Task;

        public void Add(Guid id, int version, int bytes = 0)
        {
            var document = GraphDocument.Write(new Graph { Id = id.ToString(), Version = version, Nodes = [], Links = [] });
            // Blanks after the document belong to it.
            var padded = new byte[Math.Max(bytes, document.Length)];
            padded.AsSpan().Fill((byte)' ');
            document.CopyTo(padded, 0);
            lock (_gate) _rows[new GraphKey(id, version)] = new GraphRow { Id = id, Version = version, UserId = "user", Name = "name", Document = padded, CreatedAt = DateTimeOffset.UnixEpoch };
        }

        public void Delete(Guid id)
        {
            lock (_gate)
            {
                foreach (var key in _rows.Keys.Where(key => key.Id == id).ToList()) _rows[key] = _rows[key] with { DeletedAt = DateTimeOffset.UnixEpoch };
            }
        }

        public Held Hold()
        {
            _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new Held(this);
        }

        public void Release() => _held!.TrySetResult();

        public void Fail(Exception exception) => _held!.TrySetException(exception);

        public async Task<GraphRow?> FindForRunAsync(GraphKey key, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            GraphRow? row;
            lock (_gate) row = _rows.GetValueOrDefault(key);
            if (_held is { } held)
            {
                _asked.TrySetResult();
                await held.Task;
            }

            return row;
        }

        public Task<GraphRow?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                return Task.FromResult(_rows.Values.Where(row => row.Id == graphId && row.DeletedAt is null && (version is null || row.Version == version)).MaxBy(row => row.Version));
            }
        }

        public Task<bool> ExistsAsync(GraphKey key, CancellationToken cancellationToken)
        {
            lock (_gate) return Task.FromResult(_rows.TryGetValue(key, out var row) && row.DeletedAt is null);
        }

        public Task<bool> InsertAsync(IReadOnlyList<GraphRow> graphs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> DeletedAsync(IReadOnlyCollection<Guid> graphIds, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<GraphRow>> FindManyAsync(IReadOnlyCollection<GraphKey> keys, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<GraphRow>> VersionsAsync(Guid graphId, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> SetActiveAsync(Guid graphId, int version, string userId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> DeleteAsync(Guid graphId, string userId, DateTimeOffset at, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> CollectDeletedAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<GraphRow>> ActiveOfUserAsync(string userId, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<GraphKey>> WithoutModelAsync(int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SetModelAsync(GraphKey key, ReadOnlyMemory<byte> model, CancellationToken cancellationToken) => throw new NotSupportedException();

        internal sealed class Held(ScriptedStore store) : IDisposable
        {
            public void Dispose() => store._held = null;
        }
    }
}
