namespace Grainflow.Storage.Execution;

/// <summary>The links to runs that anybody can open (contract: semantics 2.16).</summary>
/// <param name="database">The database.</param>
public sealed class RunShares(Database database)
{
    /// <summary>Gives a run a link, in place of the one that it has.</summary>
    /// <param name="userId">The user of the run.</param>
    /// <param name="graphId">The graph of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="token">The token of the link, which cannot be guessed.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is written, when the user has no such run.</returns>
    public async Task<bool> ShareAsync(string userId, Guid graphId, Guid runId, Guid token, DateTimeOffset at, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        """
        INSERT INTO shared_runs (run_id, token, shared_at)
        SELECT id, $4, $5 FROM runs WHERE id = $3 AND user_id = $1 AND graph_id = $2 AND NOT deleted
        ON CONFLICT (run_id) DO UPDATE SET token = excluded.token, shared_at = excluded.shared_at
        """,
        [userId, graphId, runId, token, at],
        cancellationToken) > 0;

    /// <summary>Takes the link of a run back; a run without one stays as it is.</summary>
    /// <param name="userId">The user of the run.</param>
    /// <param name="graphId">The graph of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when the user has no such run.</returns>
    public async Task<bool> EndAsync(string userId, Guid graphId, Guid runId, CancellationToken cancellationToken) => await database.FirstAsync(
        Plan.ByIndex,
        """
        WITH run AS (SELECT id FROM runs WHERE id = $3 AND user_id = $1 AND graph_id = $2 AND NOT deleted),
          ended AS (DELETE FROM shared_runs USING run WHERE run_id = run.id)
        SELECT id FROM run
        """,
        [userId, graphId, runId],
        row => (object)row.GetGuid(0),
        cancellationToken) is not null;

    /// <summary>The run of a link and when it was created; null when there is no such link, or its run was deleted.</summary>
    /// <param name="token">The token of the link.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<SharedRun?> FindAsync(Guid token, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex,
        "SELECT r.id, r.user_id, r.created_at FROM shared_runs s JOIN runs r ON r.id = s.run_id WHERE s.token = $1 AND NOT r.deleted",
        [token],
        row => new SharedRun(row.GetGuid(0), row.GetString(1), row.GetTime(2)),
        cancellationToken);

    /// <summary>The tokens of those of some runs that have a link, in one query.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyDictionary<Guid, Guid>> TokensAsync(IReadOnlyCollection<Guid> runIds, CancellationToken cancellationToken) => runIds.Count == 0
        ? new Dictionary<Guid, Guid>()
        : (await database.ListAsync(Plan.ByIndex, "SELECT run_id, token FROM shared_runs WHERE run_id = ANY ($1)", [runIds.ToArray()], row => (Run: row.GetGuid(0), Token: row.GetGuid(1)), cancellationToken))
            .ToDictionary(share => share.Run, share => share.Token);
}

/// <summary>A run that anybody with its link can see.</summary>
/// <param name="RunId">The run.</param>
/// <param name="UserId">Its user.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record SharedRun(Guid RunId, string UserId, DateTimeOffset CreatedAt);
