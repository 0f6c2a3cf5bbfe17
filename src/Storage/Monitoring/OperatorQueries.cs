using Grainflow.Storage.Execution;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Storage.Monitoring;

/// <summary>How many runs have a status.</summary>
/// <param name="Status">The status of the contract.</param>
/// <param name="Count">Unfinished runs of any age, or runs that were created since the time that was asked for and have ended.</param>
/// <param name="Oldest">Since when the oldest of the unfinished ones waits or runs; null for a final status.</param>
public sealed record RunCountRow(string Status, long Count, DateTimeOffset? Oldest);

/// <summary>A run that is under way and has logged nothing for long.</summary>
/// <param name="Id">The run.</param>
/// <param name="UserId">Its user.</param>
/// <param name="GraphId">Its graph.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="SilentSince">The time of its last event.</param>
public sealed record StuckRunRow(Guid Id, string UserId, Guid GraphId, DateTimeOffset StartedAt, DateTimeOffset SilentSince);

/// <summary>All wallets together.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Credits">What is in them.</param>
/// <param name="Empty">How many have nothing.</param>
public sealed record WalletTotals(long Count, long Credits, long Empty);

/// <summary>A user who spends.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Email">The address; null where it is not known.</param>
/// <param name="Spent">What was spent since the time that was asked for, in credits.</param>
/// <param name="Balance">What is left, in credits.</param>
/// <param name="SpentByAll">What all users have spent since then, in credits.</param>
public sealed record SpenderRow(string UserId, string? Email, long Spent, long Balance, long SpentByAll);

/// <summary>What a shard of the scheduler has to do.</summary>
/// <param name="Shard">Its number, from 0.</param>
/// <param name="Schedules">Schedules that are due some time.</param>
/// <param name="Late">Of these, those that were due before the time that was asked for.</param>
/// <param name="Starts">Starts of runs that wait.</param>
/// <param name="NextAt">When the first of all these is due.</param>
public sealed record SchedulerShardRow(int Shard, long Schedules, long Late, long Starts, DateTimeOffset NextAt);

/// <summary>What operators look at. Each is one statement with a bounded answer, over the rows of all processes.</summary>
/// <param name="database">The database.</param>
public sealed class OperatorQueries(Database database)
{
    /// <summary>The runs by status: all that have not ended, and those of the last time that have.</summary>
    /// <param name="since">Ended ones count that were created from then on.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<RunCountRow>> CountRunsAsync(DateTimeOffset since, CancellationToken cancellationToken) => await database.ListAsync(
        $"""
        SELECT status, count(*), min(coalesce(CASE status WHEN 'QUEUED' THEN queued_at ELSE started_at END, created_at)) FROM runs WHERE status NOT IN {FinalStatuses.Sql} GROUP BY status
        UNION ALL
        SELECT status, count(*), NULL FROM runs WHERE status IN {FinalStatuses.Sql} AND created_at >= $1 GROUP BY status
        """,
        [since],
        row => new RunCountRow(row.GetString(0), row.GetInt64(1), row.GetTimeOrNull(2)),
        cancellationToken);

    /// <summary>The runs that seem stuck, by the rule of <see cref="RunQueueProbe"/>; the longest silent first.</summary>
    /// <param name="silentSince">Runs that have logged nothing since then.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<StuckRunRow>> FindStuckAsync(DateTimeOffset silentSince, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        $"""
        SELECT id, user_id, graph_id, started_at, silent_since
        FROM (SELECT r.*, {RunQueueProbe.LastEvent} AS silent_since FROM runs r WHERE {RunQueueProbe.IsStuck}) stuck ORDER BY silent_since, id LIMIT $2
        """,
        [silentSince, limit],
        row => new StuckRunRow(row.GetGuid(0), row.GetString(1), row.GetGuid(2), row.GetTime(3), row.GetTime(4)),
        cancellationToken);

    /// <summary>All wallets together.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<WalletTotals> SumWalletsAsync(CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT count(*), coalesce(sum(balance), 0)::bigint, count(*) FILTER (WHERE balance = 0) FROM wallets",
        [],
        row => new WalletTotals(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
        cancellationToken))[0];

    /// <summary>The users who have spent most.</summary>
    /// <param name="since">From then on.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<SpenderRow>> FindSpendersAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT s.user_id, u.email, s.spent, w.balance, s.of_all
        FROM (
          SELECT user_id, -sum(amount)::bigint AS spent, (-sum(sum(amount)) OVER ())::bigint AS of_all FROM ledger WHERE type = 'USAGE' AND at >= $1
          GROUP BY user_id ORDER BY spent DESC, user_id LIMIT $2
        ) s JOIN wallets w ON w.user_id = s.user_id LEFT JOIN users u ON u.id = s.user_id
        ORDER BY s.spent DESC, s.user_id
        """,
        [since, limit],
        row => new SpenderRow(row.GetString(0), row.GetStringOrNull(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)),
        cancellationToken);

    /// <summary>The shards of the scheduler that have something to do, in order.</summary>
    /// <param name="lateBefore">A schedule that was due before is late.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<SchedulerShardRow>> ListShardsAsync(DateTimeOffset lateBefore, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT shard, sum(schedules)::bigint, sum(late)::bigint, sum(starts)::bigint, min(due)
        FROM (
          SELECT shard, count(*) AS schedules, count(*) FILTER (WHERE due_at < $1) AS late, 0 AS starts, min(due_at) AS due FROM schedules WHERE due_at IS NOT NULL GROUP BY shard
          UNION ALL
          SELECT shard, 0, 0, count(*), min(wake_at) FROM schedule_firings WHERE wake_at IS NOT NULL GROUP BY shard
        ) work
        GROUP BY shard ORDER BY shard
        """,
        [lateBefore],
        row => new SchedulerShardRow(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetTime(4)),
        cancellationToken);
}
