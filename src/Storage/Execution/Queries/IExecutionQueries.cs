namespace Grainflow.Storage.Execution;

/// <summary>What users read of their runs. A run that its user deleted is in none of the answers.</summary>
public interface IExecutionQueries
{
    /// <summary>The user's runs, newest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<ExecutionRow>> OfUserAsync(string userId, int limit, CancellationToken cancellationToken);

    /// <summary>A page of the user's runs of a graph, newest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="graphId">The graph.</param>
    /// <param name="page">The page, from 1.</param>
    /// <param name="pageSize">Runs per page, 1 or more.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ExecutionPage> OfGraphAsync(string userId, Guid graphId, int page, int pageSize, CancellationToken cancellationToken);

    /// <summary>Whether the user has more than one run of a graph.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="graphId">The graph.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<bool> HasSeveralAsync(string userId, Guid graphId, CancellationToken cancellationToken);

    /// <summary>A run of the user, or null.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ExecutionRow?> FindAsync(string userId, Guid runId, CancellationToken cancellationToken);

    /// <summary>The results of a run: output name to its values, in the order in which they were queued (contract: semantics 2.11 "outputs").</summary>
    /// <param name="runId">The run.</param>
    /// <param name="outputBlockIds">The blocks of Output nodes.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<ExecutionOutput>> OutputsAsync(Guid runId, IReadOnlyList<string> outputBlockIds, CancellationToken cancellationToken);

    /// <summary>What the last call to a language model in each of some runs has used, those of their sub-agents included.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>By run; a run without such a call is not in it.</returns>
    Task<IReadOnlyDictionary<Guid, ModelContext>> LastModelContextsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken);
}

/// <summary>The context of a call to a language model.</summary>
/// <param name="Used">The tokens of prompt and answer together.</param>
/// <param name="Max">The most that the model takes.</param>
public sealed record ModelContext(long Used, int Max);
