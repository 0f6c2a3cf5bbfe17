namespace Grainflow.Storage.Execution;

/// <summary>What the supervisor reads: unfinished runs that nobody may be going on with, by shard.</summary>
public interface IRunSupervisionStore
{
    /// <summary>
    /// Unfinished runs of a shard whose silo is not one of the given ones, and running ones whose log has not moved for a while, in the order of their ids. Runs that wait for a review are left out; those whose reviews are decided count as running.
    /// </summary>
    /// <param name="page">Which of them.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<OverdueRun>> FindOverdueAsync(OverdueRunsPage page, CancellationToken cancellationToken);

    /// <summary>The users with runs of a shard that have been queued for a while and were not started by another run.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="unmoved">For how long.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<string>> FindQueuedUsersAsync(int shard, TimeSpan unmoved, CancellationToken cancellationToken);
}

/// <summary>A page of overdue runs.</summary>
/// <param name="Shard">The shard, from 0 to <see cref="RunSupervisionStore.Shards"/> - 1.</param>
/// <param name="LivingSilos">The silos that are certainly alive. The caller must find out whether the others are dead.</param>
/// <param name="Unmoved">For how long the log of a run has not moved.</param>
/// <param name="After">The last id of the page before; empty for the first page.</param>
/// <param name="Limit">The size of the page.</param>
public sealed record OverdueRunsPage(int Shard, IReadOnlyList<string> LivingSilos, TimeSpan Unmoved, Guid After, int Limit);

/// <summary>A run that may be overdue.</summary>
/// <param name="Id">The run.</param>
/// <param name="Host">The silo that opened it last; null when an older release did.</param>
/// <param name="IsUnmoved">Whether it is running and its log has not moved for the given time.</param>
public sealed record OverdueRun(Guid Id, string? Host, bool IsUnmoved);

/// <inheritdoc cref="IRunSupervisionStore"/>
/// <param name="database">The database. Its clock decides how long a log has not moved, because it set the time of the last move.</param>
public sealed class RunSupervisionStore(Database database) : IRunSupervisionStore
{
    /// <summary>The number of shards. It is part of an index, so another number needs a migration.</summary>
    public const int Shards = 16;

    /// <summary>More users than this wait for the next look.</summary>
    private const int MostUsers = 1000;

    private const string InShard = $"(get_byte(uuid_send(r.id), 3) & 15) = $1 AND r.status NOT IN {FinalStatuses.Sql}";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OverdueRun>> FindOverdueAsync(OverdueRunsPage page, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT id, host, unmoved FROM (
              SELECT r.id, h.host, r.status IN ('RUNNING', 'REVIEW') AND coalesce(h.moved_at, r.created_at) < now() - $4 AS unmoved
              FROM runs r JOIN run_head h ON h.run_id = r.id
              WHERE {InShard} AND r.id > $2 AND {FinalStatuses.GoesOn}
            ) AS run
            WHERE unmoved OR host IS NULL OR NOT (host = ANY ($3)) ORDER BY id LIMIT $5
            """,
            [page.Shard, page.After, page.LivingSilos.ToArray(), page.Unmoved, page.Limit],
            row => new OverdueRun(row.GetGuid(0), row.GetStringOrNull(1), row.GetBoolean(2)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindQueuedUsersAsync(int shard, TimeSpan unmoved, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT DISTINCT r.user_id FROM runs r JOIN run_head h ON h.run_id = r.id
            WHERE {InShard} AND r.status = 'QUEUED' AND r.parent_run_id IS NULL AND coalesce(h.moved_at, r.created_at) < now() - $2
            LIMIT {MostUsers}
            """,
            [shard, unmoved],
            row => row.GetString(0),
            cancellationToken);
}
