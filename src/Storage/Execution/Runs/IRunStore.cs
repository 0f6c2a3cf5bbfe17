namespace Grainflow.Storage.Execution;

/// <summary>Creates and reads the rows of runs and node executions. Only the <see cref="IExecutionLog"/> changes them.</summary>
public interface IRunStore
{
    /// <summary>
    /// Creates a run with an empty log and its first node executions, all or nothing. The creator may append with epoch 0 until
    /// the log is opened. The statement itself checks that the version of the graph is there and not deleted, and holds it until the run
    /// is visible: a deletion at the same time either finds the run or prevents it.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="nodes">Its first node executions; they belong to <paramref name="run"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<RunCreation> CreateAsync(NewRun run, IReadOnlyList<NodeRow> nodes, CancellationToken cancellationToken);

    /// <summary>Stores several runs, each as <see cref="CreateAsync"/> does, in one statement: one that is not stored does not keep the others from it.</summary>
    /// <param name="runs">The runs, of any graphs and users, all of the same silo.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each.</returns>
    Task<IReadOnlyDictionary<Guid, RunCreation>> CreateManyAsync(IReadOnlyList<PlannedRun> runs, CancellationToken cancellationToken);

    /// <summary>The run, or null.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<RunRow?> FindAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>The run that a request of the user created, or null.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="requestKey">The request.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<RunRow?> FindByRequestKeyAsync(string userId, string requestKey, CancellationToken cancellationToken);

    /// <summary>All runs without a terminal status, oldest first.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<RunSummary>> UnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>The runs of a user without a terminal status, oldest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<RunSummary>> ActiveOfUserAsync(string userId, CancellationToken cancellationToken);

    /// <summary>The runs of a user's graph, of any version, without a terminal status, oldest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="graphId">The graph.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<Guid>> UnfinishedOfGraphAsync(string userId, Guid graphId, CancellationToken cancellationToken);

    /// <summary>The node executions of a run by ordinal, with their outputs.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="limit">How many node executions at most, counted from the newest.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<NodeExecutionRecord>> NodeExecutionsAsync(Guid runId, int limit, CancellationToken cancellationToken);

    /// <summary>Everything that the run's nodes of the given blocks yielded, in the order of the log.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="blockIds">Only nodes of these blocks; null for all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<NodeOutputRow>> OutputsAsync(Guid runId, IReadOnlyList<string>? blockIds, CancellationToken cancellationToken);

    /// <summary>Hides a run from the listings of its user.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="userId">Its user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when the user has no such run, or deleted it before.</returns>
    Task<bool> DeleteAsync(Guid runId, string userId, CancellationToken cancellationToken);
}
