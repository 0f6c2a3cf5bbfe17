namespace Grainflow.Storage.Execution;

/// <summary>Reads how far the logs of a user's runs go, for subscriptions that check whether they missed a notice.</summary>
/// <param name="database">The database.</param>
public sealed class RunPositionQueries(Database database)
{
    /// <summary>The named runs as far as they belong to the user, and every run of the named graphs that has not ended or is new.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="runIds">Runs.</param>
    /// <param name="graphIds">Graphs.</param>
    /// <param name="newSince">Runs that were created at or after this time are new.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<RunPosition>> FindAsync(
        string userId, IReadOnlyCollection<Guid> runIds, IReadOnlyCollection<Guid> graphIds, DateTimeOffset newSince, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT r.id, r.graph_id, h.last_seq, h.status IN {FinalStatuses.Sql}, r.deleted FROM runs r JOIN run_head h ON h.run_id = r.id
            WHERE r.user_id = $1 AND r.id = ANY ($2)
            UNION
            SELECT r.id, r.graph_id, h.last_seq, h.status IN {FinalStatuses.Sql}, r.deleted FROM runs r JOIN run_head h ON h.run_id = r.id
            WHERE r.user_id = $1 AND r.graph_id = ANY ($3) AND (r.status NOT IN {FinalStatuses.Sql} OR r.created_at >= $4)
            """,
            [userId, runIds.ToArray(), graphIds.ToArray(), newSince],
            row => new RunPosition(row.GetGuid(0), row.GetGuid(1), row.GetInt64(2), row.GetBoolean(3), row.GetBoolean(4)),
            cancellationToken);
}

/// <summary>How far the log of a run goes, for its readers. Its writer has a <see cref="RunHead"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="GraphId">Its graph.</param>
/// <param name="Sequence">Its last event; 0 for an empty log.</param>
/// <param name="Ended">True when nothing can follow.</param>
/// <param name="Deleted">True when its user has deleted it; it may still be under way.</param>
public sealed record RunPosition(Guid RunId, Guid GraphId, long Sequence, bool Ended, bool Deleted);
