namespace Grainflow.Storage.Graphs;

/// <summary>
/// The versions of graphs. Only the methods that say so return versions of deleted graphs, which stay stored for the
/// runs that were started with them.
/// </summary>
public interface IGraphStore
{
    /// <summary>Inserts versions, all or nothing. An active one takes the place of the active version before it.</summary>
    /// <param name="graphs">The versions, for example a graph with its sub-graphs.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is written, when one of the versions exists already or one of the graphs was deleted and is still kept for its runs.</returns>
    Task<bool> InsertAsync(IReadOnlyList<GraphRow> graphs, CancellationToken cancellationToken);

    /// <summary>A version of a graph, or null.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">The version; null for the highest.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<GraphRow?> FindAsync(Guid graphId, int? version, CancellationToken cancellationToken);

    /// <summary>A version of a graph, deleted or not, from which a run that was started with it is rebuilt. Null when it is no longer stored.</summary>
    /// <param name="key">The version.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<GraphRow?> FindForRunAsync(GraphKey key, CancellationToken cancellationToken);

    /// <summary>Whether a version is there and its graph not deleted.</summary>
    /// <param name="key">The version.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<bool> ExistsAsync(GraphKey key, CancellationToken cancellationToken);

    /// <summary>The graphs among these that were deleted and are still stored for their runs.</summary>
    /// <param name="graphIds">The graphs.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<Guid>> DeletedAsync(IReadOnlyCollection<Guid> graphIds, CancellationToken cancellationToken);

    /// <summary>Those of the versions that exist, in one query.</summary>
    /// <param name="keys">The versions.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<GraphRow>> FindManyAsync(IReadOnlyCollection<GraphKey> keys, CancellationToken cancellationToken);

    /// <summary>The versions of a graph, highest first.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<GraphRow>> VersionsAsync(Guid graphId, int limit, CancellationToken cancellationToken);

    /// <summary>Makes one version the active one, and every other version of the graph inactive.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">The version.</param>
    /// <param name="userId">The owner.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is changed, when the user has no such version.</returns>
    Task<bool> SetActiveAsync(Guid graphId, int version, string userId, CancellationToken cancellationToken);

    /// <summary>
    /// Marks every version of a graph as deleted. Waits for runs that are just being created with it (<see cref="Execution.IRunStore.CreateAsync"/>):
    /// when it returns, every run that was ever started with the graph can be found, and none can be started any more.
    /// </summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="userId">The owner.</param>
    /// <param name="at">The time of the deletion.</param>
    /// <param name="cancellationToken">Gives up waiting; some versions may be deleted then.</param>
    /// <returns>How many versions were deleted; 0 when the user has no such graph.</returns>
    Task<int> DeleteAsync(Guid graphId, string userId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the versions of deleted graphs that no run needs any more: none that has not ended, and none whose parent has not. The files of their runs go with them.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many versions were removed.</returns>
    Task<int> CollectDeletedAsync(CancellationToken cancellationToken);

    /// <summary>The active version of every graph of a user, newest first; documents included.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<GraphRow>> ActiveOfUserAsync(string userId, int limit, CancellationToken cancellationToken);

    /// <summary>Versions whose <see cref="GraphRow.Model"/> was never computed.</summary>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<GraphKey>> WithoutModelAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Writes down what follows from a version's document.</summary>
    /// <param name="key">The version; one that is gone is passed over.</param>
    /// <param name="model">UTF-8 JSON.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task SetModelAsync(GraphKey key, ReadOnlyMemory<byte> model, CancellationToken cancellationToken);
}
