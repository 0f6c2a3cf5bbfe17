using Grainflow.Engine.Scheduling;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Notifications;

namespace Grainflow.Storage.Scheduling;

/// <inheritdoc cref="IScheduleStore"/>
/// <param name="database">The database.</param>
public sealed class ScheduleStore(Database database) : IScheduleStore
{
    /// <summary>The number of shards. It is part of a generated column, so another number needs a migration.</summary>
    public const int Shards = 64;

    /// <summary>The shard of a schedule, as the column <c>shard</c> computes it.</summary>
    /// <param name="scheduleId">The schedule.</param>
    public static int ShardOf(Guid scheduleId)
    {
        Span<byte> bytes = stackalloc byte[16];
        scheduleId.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[3] % Shards;
    }

    /// <summary>More runs of one schedule than this are not looked at to find those that have not ended.</summary>
    private const int MostRunsOfSchedule = 64;

    private static readonly string Columns = ScheduleRows.Columns.Names;

    // In the order of what they may have in common with rows of another process, so that two statements never wait for each other in a circle. The ids of those that
    // have to be of the highest version are looked up in a hash table, as in RunStore.Creation.
    private static readonly RowStatement<IReadOnlyList<NewSchedule>> InsertStatement = new RowStatement<IReadOnlyList<NewSchedule>>()
        .Rows("schedule_rows", ScheduleRows.Columns, schedules => [.. schedules.Select(schedule => schedule.Row)])
        .Value("highest", schedules => schedules.Where(schedule => schedule.OfHighestVersion).Select(schedule => schedule.Row.Id).ToArray())
        .Text(
            $"""
            INSERT INTO schedules ({Columns}) SELECT schedule_rows.* FROM @schedule_rows
            WHERE EXISTS (SELECT FROM graphs g WHERE g.id = schedule_rows.graph_id AND g.version = schedule_rows.graph_version AND g.deleted_at IS NULL)
              AND NOT (schedule_rows.id IN (SELECT unnest(@highest)) AND EXISTS (SELECT FROM graphs g WHERE g.id = schedule_rows.graph_id AND g.version > schedule_rows.graph_version AND g.deleted_at IS NULL))
            ORDER BY user_id, origin, origin_key, id
            ON CONFLICT DO NOTHING
            RETURNING id
            """);

    private static readonly RowStatement<ScheduleRow> UpdateStatement = new RowStatement<ScheduleRow>()
        .Rows("schedule_rows", ScheduleRows.Columns, row => [row with { Revision = row.Revision + 1 }])
        .Text(
            $"""
            UPDATE schedules s SET ({Columns}) = ROW({ScheduleRows.Of("schedule_rows", ScheduleRows.Columns)})
            FROM @schedule_rows WHERE s.id = schedule_rows.id AND s.revision = schedule_rows.revision - 1
            """);

    private static readonly RowColumns<ScheduleClaim> ClaimColumns = new RowColumns<ScheduleClaim>()
        .Uuid("id", claim => claim.Id)
        .Bigint("revision", claim => claim.Revision)
        .Time("decided_to", claim => claim.DecidedTo)
        .Time("next_at", claim => claim.NextAt)
        .Time("due_at", claim => claim.DueAt)
        .Text("zone_rules", claim => claim.ZoneRules)
        .Time("fired", claim => claim.Fired)
        .Text("disable", claim => claim.Disable);

    // Rows that another ticker has locked are claimed by that one. The rows of the history are looked up in a hash table, as in RunStore.Creation.
    private static readonly RowStatement<(IReadOnlyList<ScheduleClaim> Claims, IReadOnlyList<FiringRow> Firings)> ClaimStatement =
        new RowStatement<(IReadOnlyList<ScheduleClaim> Claims, IReadOnlyList<FiringRow> Firings)>()
            .Rows("claim_rows", ClaimColumns, input => input.Claims)
            .Rows("firing_rows", ScheduleRows.FiringColumns, input => input.Firings)
            .Text(
                $"""
                WITH claim AS (
                  SELECT claim_rows.* FROM schedules s JOIN @claim_rows ON claim_rows.id = s.id AND claim_rows.revision = s.revision AND s.enabled ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
                ), won AS (
                  UPDATE schedules s SET
                    decided_to = c.decided_to, next_at = c.next_at, due_at = c.due_at, zone_rules = c.zone_rules, last_run_at = coalesce(c.fired, s.last_run_at),
                    enabled = c.disable IS NULL, disabled_reason = c.disable, revision = s.revision + 1
                  FROM claim c
                  WHERE s.id = c.id AND s.revision = c.revision
                  RETURNING s.id
                )
                INSERT INTO schedule_firings ({ScheduleRows.FiringColumns.Names})
                SELECT firing_rows.* FROM @firing_rows WHERE (schedule_id IN (SELECT id FROM won)) IS TRUE
                ON CONFLICT (id) DO NOTHING
                RETURNING id
                """);

    private static readonly RowStatement<IReadOnlyList<FiringRow>> InsertFiringsStatement = new RowStatement<IReadOnlyList<FiringRow>>()
        .Rows("firing_rows", ScheduleRows.FiringColumns, rows => rows)
        .Text(
            $"""
            WITH known AS (
              SELECT s.id FROM schedules s WHERE s.id IN (SELECT schedule_id FROM @firing_rows) ORDER BY s.id FOR KEY SHARE
            )
            INSERT INTO schedule_firings ({ScheduleRows.FiringColumns.Names})
            SELECT firing_rows.* FROM @firing_rows JOIN known ON known.id = firing_rows.schedule_id
            ON CONFLICT (id) DO NOTHING
            RETURNING id
            """);

    private static readonly RowStatement<IReadOnlyList<FiringRow>> UpdateFiringsStatement = new RowStatement<IReadOnlyList<FiringRow>>()
        .Rows("firing_rows", ScheduleRows.FiringColumns, rows => rows)
        .Text(
            """
            UPDATE schedule_firings f SET
              state = firing_rows.state, attempt = firing_rows.attempt, reason = firing_rows.reason, started_at = firing_rows.started_at, wake_at = firing_rows.wake_at
            FROM @firing_rows WHERE f.id = firing_rows.id AND f.state IN ('pending', 'buffered')
            """);

    private const string RunIsUnfinished = $"r.status NOT IN {FinalStatuses.Sql}";

    private static readonly string LastRuns =
        $"""
        SELECT f.state, f.created_at, r.id AS run_id, r.status FROM (
          SELECT * FROM schedule_firings WHERE schedule_id = s.id AND state IN ('started', 'failed') ORDER BY created_at DESC LIMIT {MostRunsOfSchedule}
        ) AS f LEFT JOIN runs r ON r.id = f.id
        """;

    private static readonly string OtherRuns =
        $"""
        CASE WHEN s.overlap <> 'allow'
          THEN ARRAY(SELECT run_id FROM ({LastRuns}) AS r WHERE r.run_id IS NOT NULL AND {RunIsUnfinished} ORDER BY created_at DESC) ELSE '{"{}"}'::uuid[] END
        """;

    private static readonly string DueStatement =
        $"""
        SELECT {ScheduleRows.Of("s", ScheduleRows.Columns)},
          {OtherRuns},
          s.overlap = 'buffer_one' AND EXISTS (SELECT FROM schedule_firings f WHERE f.schedule_id = s.id AND f.state = 'buffered'),
          CASE WHEN s.pause_after_failures > 0 THEN ARRAY(
            SELECT coalesce(r.status, 'FAILED') FROM ({LastRuns}) AS r
            WHERE r.created_at >= s.failures_from AND (r.state = 'failed' OR NOT ({RunIsUnfinished})) ORDER BY created_at DESC LIMIT s.pause_after_failures) ELSE '{"{}"}'::text[] END,
          (SELECT count(*) FROM (
            SELECT FROM runs r WHERE r.user_id = s.user_id AND r.graph_id = s.graph_id AND {FinalStatuses.UnfinishedOfGraph} LIMIT {ScheduleRule.MaxUnfinishedOfGraph}
          ) AS unfinished)
        FROM schedules s WHERE s.shard = $1 AND s.due_at <= $2 ORDER BY s.due_at, s.id LIMIT $3
        """;

    private static readonly string WaitingStatement =
        $"""
        SELECT {ScheduleRows.Of("f", ScheduleRows.FiringColumns)}, {ScheduleRows.Of("s", ScheduleRows.Columns)},
          {OtherRuns}
        FROM schedule_firings f JOIN schedules s ON s.id = f.schedule_id
        WHERE f.shard = $1 AND f.wake_at <= $2 ORDER BY f.wake_at, f.id LIMIT $3
        """;

    // What has become of a firing follows from its run, which is not stored a second time here.
    private static readonly string Records =
        $"""
        SELECT {ScheduleRows.Of("f", ScheduleRows.FiringColumns)}, r.ended_at AS completed_at, CASE WHEN r.id IS NULL THEN f.reason ELSE r.error END AS error,
          (SELECT h.stats FROM run_head h WHERE h.run_id = r.id) AS stats,
          CASE
            WHEN f.state = 'skipped' THEN 'skipped'
            WHEN r.status IN ('FAILED', 'TERMINATED') THEN 'failed'
            WHEN r.status = 'COMPLETED' THEN 'success'
            WHEN f.state = 'failed' AND r.id IS NULL THEN 'failed'
            WHEN r.id IS NULL OR r.status = 'QUEUED' THEN 'pending'
            ELSE 'running'
          END AS status,
          (extract(epoch FROM r.ended_at - coalesce(r.started_at, f.started_at)) * 1000)::bigint AS milliseconds
        FROM schedule_firings f LEFT JOIN runs r ON r.id = f.id
        WHERE f.user_id = $1 AND ($2::uuid[] IS NULL OR f.schedule_id = ANY ($2)) AND ($3::uuid IS NULL OR f.id = $3)
          AND ($5::timestamptz IS NULL OR f.created_at >= $5) AND ($6::timestamptz IS NULL OR f.created_at <= $6)
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Guid>> InsertAsync(IReadOnlyList<NewSchedule> schedules, CancellationToken cancellationToken) =>
        (await database.ListAsync(Plan.ByIndex, InsertStatement.Sql, InsertStatement.Parameters(schedules), row => row.GetGuid(0), cancellationToken)).ToHashSet();

    /// <inheritdoc/>
    public Task<ScheduleRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM schedules WHERE id = $1", [id], row => ScheduleRows.Map(row), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> UpdateAsync(ScheduleRow schedule, NotificationEvent? notification, CancellationToken cancellationToken)
    {
        if (notification is null) return await database.ExecuteAsync(Plan.ByIndex, UpdateStatement.Sql, UpdateStatement.Parameters(schedule), cancellationToken) > 0;
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        if (await session.ExecuteAsync(Plan.ByIndex, UpdateStatement.Sql, UpdateStatement.Parameters(schedule), cancellationToken) == 0) return false;
        await NotificationEventStore.AddAsync(session, notification, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        return (await DeleteAsync(session, "id = $1", [id], cancellationToken)).Count > 0;
    }

    /// <inheritdoc/>
    public async Task<NotificationEvent?> DeleteOfGraphAsync(
        string userId, Guid graphId, Func<IReadOnlyList<ScheduleRow>, NotificationEvent> notification, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var deleted = await DeleteAsync(session, "user_id = $1 AND graph_id = $2", [userId, graphId], cancellationToken);
        if (deleted.Count == 0) return null;
        var written = notification(deleted);
        await NotificationEventStore.AddAsync(session, written, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return written;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScheduleRow>> ListAsync(ScheduleFilter filter, CancellationToken cancellationToken) => await database.ListAsync(
        $"""
        SELECT {Columns} FROM schedules
        WHERE ($1::text IS NULL OR user_id = $1) AND ($2::uuid IS NULL OR graph_id = $2) AND ($3::text IS NULL OR origin = $3) AND ($4::text IS NULL OR origin_key = $4)
          AND ($5 OR next_at IS NOT NULL)
        ORDER BY created_at, id
        """,
        [filter.UserId, filter.GraphId, filter.Origin is { } origin ? ScheduleRows.Name(origin) : null, filter.OriginKey, filter.IncludeDisabled],
        row => ScheduleRows.Map(row),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardDue>> DueShardsAsync(CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        $"""
        SELECT shard, least(due_at, wake_at) FROM generate_series(0, {Shards - 1}) AS shard
          LEFT JOIN LATERAL (SELECT due_at FROM schedules s WHERE s.shard = shard.shard AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) AS due ON true
          LEFT JOIN LATERAL (SELECT wake_at FROM schedule_firings f WHERE f.shard = shard.shard AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1) AS wake ON true
        WHERE due_at IS NOT NULL OR wake_at IS NOT NULL
        """,
        [],
        row => new ShardDue(row.GetInt32(0), row.GetTime(1)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<SchedulerOverview> OverviewAsync(int errors, CancellationToken cancellationToken)
    {
        var (jobs, wakeAt) = (await database.ListAsync(
            """
            SELECT (SELECT count(*) FROM schedules WHERE due_at IS NOT NULL),
              least((SELECT min(due_at) FROM schedules WHERE due_at IS NOT NULL), (SELECT min(wake_at) FROM schedule_firings WHERE wake_at IS NOT NULL))
            """,
            [],
            row => (row.GetInt64(0), row.GetTimeOrNull(1)),
            cancellationToken))[0];
        var failed = await database.ListAsync(
            """
            SELECT schedule_id, created_at, reason FROM schedule_firings
            WHERE state IN ('pending', 'failed') AND reason IS NOT NULL ORDER BY created_at DESC, id LIMIT $1
            """,
            [errors],
            row => new FiringError(row.GetGuid(0), row.GetTime(1), row.GetString(2)),
            cancellationToken);
        return new SchedulerOverview(jobs, wakeAt, failed);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DueSchedule>> DueAsync(int shard, DateTimeOffset now, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        DueStatement,
        [shard, now, limit],
        row => new DueSchedule(
            ScheduleRows.Map(row),
            row.GetFieldValue<Guid[]>(ScheduleRows.Count),
            row.GetBoolean(ScheduleRows.Count + 1),
            row.GetFieldValue<string[]>(ScheduleRows.Count + 2).TakeWhile(status => status != "COMPLETED").Count(),
            (int)row.GetInt64(ScheduleRows.Count + 3)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScheduleRow>> OfOtherRulesAsync(int shard, string zoneRules, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        $"SELECT {Columns} FROM schedules WHERE shard = $1 AND due_at IS NOT NULL AND zone_rules <> $2 LIMIT $3",
        [shard, zoneRules, limit],
        row => ScheduleRows.Map(row),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Guid>> ClaimAsync(IReadOnlyList<ScheduleClaim> claims, IReadOnlyList<FiringRow> firings, CancellationToken cancellationToken) =>
        (await database.ListAsync(Plan.ByIndex, ClaimStatement.Sql, ClaimStatement.Parameters((claims, firings)), row => row.GetGuid(0), cancellationToken)).ToHashSet();

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Guid>> StartedFromAsync(ScheduleOrigin origin, IReadOnlyList<Guid> runIds, CancellationToken cancellationToken) =>
        (await database.ListAsync(
            Plan.ByIndex,
            "SELECT f.id FROM schedule_firings f JOIN schedules s ON s.id = f.schedule_id WHERE f.id = ANY ($1) AND s.origin = $2",
            [runIds.ToArray(), ScheduleRows.Name(origin)],
            row => row.GetGuid(0),
            cancellationToken)).ToHashSet();

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Guid>> InsertFiringsAsync(IReadOnlyList<FiringRow> firings, CancellationToken cancellationToken) =>
        (await database.ListAsync(Plan.ByIndex, InsertFiringsStatement.Sql, InsertFiringsStatement.Parameters(firings), row => row.GetGuid(0), cancellationToken)).ToHashSet();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WaitingFiring>> WaitingAsync(int shard, DateTimeOffset now, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        WaitingStatement,
        [shard, now, limit],
        row => new WaitingFiring(
            ScheduleRows.MapFiring(row), ScheduleRows.Map(row, ScheduleRows.FiringCount), row.GetFieldValue<Guid[]>(ScheduleRows.FiringCount + ScheduleRows.Count)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> WakeBufferedAsync(Guid scheduleId, DateTimeOffset now, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        "UPDATE schedule_firings SET wake_at = $2 WHERE schedule_id = $1 AND state = 'buffered' AND wake_at > $2",
        [scheduleId, now],
        cancellationToken) > 0;

    /// <inheritdoc/>
    public Task UpdateFiringsAsync(IReadOnlyList<FiringRow> firings, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Plan.ByIndex, UpdateFiringsStatement.Sql, UpdateFiringsStatement.Parameters(firings), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FiringRecord>> HistoryAsync(FiringFilter filter, CancellationToken cancellationToken) => await database.ListAsync(
        $"SELECT * FROM ({Records}) AS record WHERE $4::text[] IS NULL OR status = ANY ($4) ORDER BY created_at DESC, occurrence DESC, id LIMIT $7",
        [.. Parameters(filter), filter.Limit],
        row => new FiringRecord(
            ScheduleRows.MapFiring(row),
            row.GetString(ScheduleRows.FiringCount + 3),
            row.GetStringOrNull(ScheduleRows.FiringCount + 1),
            row.GetTimeOrNull(ScheduleRows.FiringCount),
            row.IsDBNull(ScheduleRows.FiringCount + 4) ? null : row.GetInt64(ScheduleRows.FiringCount + 4),
            row.GetBytesOrNull(ScheduleRows.FiringCount + 2)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<FiringStatistics> StatisticsAsync(FiringFilter filter, CancellationToken cancellationToken) => (await database.ListAsync(
        $"""
        SELECT coalesce(sum(occurrences), 0)::bigint, count(*) FILTER (WHERE status = 'success'), count(*) FILTER (WHERE status = 'failed'),
          coalesce(sum(occurrences) FILTER (WHERE status = 'skipped'), 0)::bigint, avg(milliseconds)::float8, coalesce(sum((stats->>'cost')::numeric), 0)::bigint
        FROM ({Records}) AS record WHERE $4::text[] IS NULL OR status = ANY ($4)
        """,
        Parameters(filter),
        row => new FiringStatistics(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetDouble(4), row.GetInt64(5)),
        cancellationToken))[0];

    /// <inheritdoc/>
    public Task<int> PruneAsync(int shard, DateTimeOffset before, int perSchedule, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        DELETE FROM schedule_firings WHERE id IN (
          SELECT id FROM (
            SELECT f.id, f.created_at, row_number() OVER (PARTITION BY f.schedule_id ORDER BY f.created_at DESC, f.id) AS place
            FROM schedule_firings f JOIN schedules s ON s.id = f.schedule_id
            WHERE s.shard = $1 AND f.wake_at IS NULL
          ) AS kept WHERE place > $3 OR created_at < $2
        )
        """,
        [shard, before, perSchedule],
        cancellationToken);

    private static object?[] Parameters(FiringFilter filter) =>
        [filter.UserId, filter.ScheduleIds?.ToArray(), filter.Id, filter.Statuses?.ToArray() ?? (filter.Status is { } status ? [status] : null), filter.From, filter.To];

    private static Task<List<ScheduleRow>> DeleteAsync(DatabaseSession session, string condition, object?[] parameters, CancellationToken cancellationToken) => session.ListAsync(
        Plan.ByIndex,
        $"""
        WITH gone AS (
          DELETE FROM schedules WHERE {condition} RETURNING {Columns}
        ), history AS (
          DELETE FROM schedule_firings f USING gone WHERE f.schedule_id = gone.id
        )
        SELECT {Columns} FROM gone ORDER BY created_at, id
        """,
        parameters,
        row => ScheduleRows.Map(row),
        cancellationToken);
}
