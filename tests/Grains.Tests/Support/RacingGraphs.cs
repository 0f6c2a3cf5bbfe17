using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The versions of graphs, with another writer that may come between what a grain reads and what it stores.</summary>
internal sealed class RacingGraphs(GraphStore graphs) : IGraphStore
{
    /// <summary>Called before each insert with its rows; null for nothing.</summary>
    public Func<IReadOnlyList<GraphRow>, Task>? OnInsert { get; set; }

    public async Task<bool> InsertAsync(IReadOnlyList<GraphRow> rows, CancellationToken cancellationToken)
    {
        if (OnInsert is { } race) await race(rows);
        return await graphs.InsertAsync(rows, cancellationToken);
    }

    public Task<GraphRow?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken) => graphs.FindAsync(graphId, version, cancellationToken);

    public Task<IReadOnlyList<GraphRow>> FindManyAsync(IReadOnlyCollection<GraphKey> keys, CancellationToken cancellationToken) =>
        graphs.FindManyAsync(keys, cancellationToken);

    public Task<IReadOnlyList<GraphRow>> VersionsAsync(Guid graphId, int limit, CancellationToken cancellationToken) =>
        graphs.VersionsAsync(graphId, limit, cancellationToken);

    public Task<bool> SetActiveAsync(Guid graphId, int version, string userId, CancellationToken cancellationToken) =>
        graphs.SetActiveAsync(graphId, version, userId, cancellationToken);

    public Task<int> DeleteAsync(Guid graphId, string userId, DateTimeOffset at, CancellationToken cancellationToken) =>
        graphs.DeleteAsync(graphId, userId, at, cancellationToken);

    public Task<int> CollectDeletedAsync(CancellationToken cancellationToken) => graphs.CollectDeletedAsync(cancellationToken);

    public Task<GraphRow?> FindForRunAsync(GraphKey key, CancellationToken cancellationToken) => graphs.FindForRunAsync(key, cancellationToken);

    public Task<bool> ExistsAsync(GraphKey key, CancellationToken cancellationToken) => graphs.ExistsAsync(key, cancellationToken);

    public Task<IReadOnlyList<Guid>> DeletedAsync(IReadOnlyCollection<Guid> graphIds, CancellationToken cancellationToken) =>
        graphs.DeletedAsync(graphIds, cancellationToken);

    public Task<IReadOnlyList<GraphRow>> ActiveOfUserAsync(string userId, int limit, CancellationToken cancellationToken) =>
        graphs.ActiveOfUserAsync(userId, limit, cancellationToken);

    public Task<IReadOnlyList<GraphKey>> WithoutModelAsync(int limit, CancellationToken cancellationToken) => graphs.WithoutModelAsync(limit, cancellationToken);

    public Task SetModelAsync(GraphKey key, ReadOnlyMemory<byte> model, CancellationToken cancellationToken) => graphs.SetModelAsync(key, model, cancellationToken);
}
