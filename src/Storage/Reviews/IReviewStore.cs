using Grainflow.Engine.Reviews;

namespace Grainflow.Storage.Reviews;

/// <summary>The reviews that nodes wait for (contract: semantics 2.12), and the settings of graphs that ask for them.</summary>
public interface IReviewStore
{
    /// <summary>Finds the decision on a node execution, or stores the review that asks for it. Repeating it changes nothing.</summary>
    /// <param name="review">The review as it is to be when there is none; it is waiting.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The review. A node whose executions are approved without asking gets its payload approved.</returns>
    Task<Review> RequestAsync(Review review, CancellationToken cancellationToken);

    /// <summary>Reviews of a user by their ids; those that he does not have are left out.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="nodeExecutionIds">The ids.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<Review>> FindAsync(string userId, IReadOnlyCollection<Guid> nodeExecutionIds, CancellationToken cancellationToken);

    /// <summary>The reviews of a user that wait, newest first. Those of runs that have ended are left out.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="offset">How many are skipped.</param>
    /// <param name="limit">How many are read at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<Review>> WaitingAsync(string userId, long offset, int limit, CancellationToken cancellationToken);

    /// <summary>All reviews of a run, oldest first.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<Review>> OfRunAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Whether a run has a review that waits.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<bool> HasWaitingAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Stores decisions, all or none.</summary>
    /// <param name="runId">The run of all of them.</param>
    /// <param name="decided">The reviews, decided.</param>
    /// <param name="approvedNodes">Nodes whose further executions in the run are approved without asking.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is stored, when one of the reviews does not wait any more.</returns>
    Task<bool> DecideAsync(Guid runId, IReadOnlyList<Review> decided, IReadOnlyCollection<string> approvedNodes, CancellationToken cancellationToken);

    /// <summary>Rejects the reviews of a run that wait, because it is stopped.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task CloseAsync(Guid runId, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>The settings of graphs, which all versions share (decision 39).</summary>
public interface IGraphSettingsStore
{
    /// <summary>The settings of a graph; the defaults when nobody has changed them.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<GraphSafety> FindAsync(Guid graphId, CancellationToken cancellationToken);

    /// <summary>Replaces the settings of a graph.</summary>
    /// <param name="graphId">The graph; that it is the caller's is checked before.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task SetAsync(Guid graphId, GraphSafety settings, CancellationToken cancellationToken);
}

/// <summary>When a graph waits for a person (contract: GraphSettings).</summary>
/// <param name="ReviewsHumanInTheLoop">Whether blocks for human review ask; on by default.</param>
/// <param name="ReviewsSensitiveActions">Whether blocks with sensitive actions ask; off by default.</param>
public sealed record GraphSafety(bool ReviewsHumanInTheLoop = true, bool ReviewsSensitiveActions = false);
