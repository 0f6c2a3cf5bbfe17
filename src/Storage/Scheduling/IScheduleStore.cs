using Grainflow.Storage.Notifications;

namespace Grainflow.Storage.Scheduling;

/// <summary>The rows of schedules and their history.</summary>
public interface IScheduleStore
{
    /// <summary>Stores new schedules, each if the version of its graph is there and not deleted.</summary>
    /// <param name="schedules">The schedules, no two with the same id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Those that were stored. The others have the id of one that is there, or its origin and key, or the version of the graph is not as it has to be.</returns>
    Task<IReadOnlySet<Guid>> InsertAsync(IReadOnlyList<NewSchedule> schedules, CancellationToken cancellationToken);

    /// <summary>A schedule, or null.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ScheduleRow?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Replaces a schedule, if nobody has changed it since it was read.</summary>
    /// <param name="schedule">The schedule with the revision that was read; it is stored with the next one.</param>
    /// <param name="notification">Written in the same transaction when the schedule is replaced; null for none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when it has changed or is gone; nothing is written then.</returns>
    Task<bool> UpdateAsync(ScheduleRow schedule, NotificationEvent? notification, CancellationToken cancellationToken);

    /// <summary>Deletes a schedule with its history. The runs that it has started stay.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when there is none.</returns>
    Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Deletes all schedules of a user's graph, with their history.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="graphId">The graph.</param>
    /// <param name="notification">Makes the event about the schedules that were deleted, which is written in the same transaction. It is not called when there were none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The event; null when there were no schedules.</returns>
    Task<NotificationEvent?> DeleteOfGraphAsync(string userId, Guid graphId, Func<IReadOnlyList<ScheduleRow>, NotificationEvent> notification, CancellationToken cancellationToken);

    /// <summary>Schedules, oldest first.</summary>
    /// <param name="filter">Which of them.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<ScheduleRow>> ListAsync(ScheduleFilter filter, CancellationToken cancellationToken);

    /// <summary>When something is due next in each shard that has something to do.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<ShardDue>> DueShardsAsync(CancellationToken cancellationToken);

    /// <summary>The state of all schedules together, for administrators (contract: semantics 5.5, Status endpoint).</summary>
    /// <param name="errors">How many errors at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<SchedulerOverview> OverviewAsync(int errors, CancellationToken cancellationToken);

    /// <summary>Schedules of a shard that are due, earliest first, with what the rule has to know of them.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="now">Now.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<DueSchedule>> DueAsync(int shard, DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Enabled schedules of a shard whose next occurrence was computed by other rules of time zones.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="zoneRules">The rules that hold now.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<ScheduleRow>> OfOtherRulesAsync(int shard, string zoneRules, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Claims what was decided, all in one statement: each schedule that is as it was read moves on, and its history rows are written with it. What another
    /// one has claimed or changed meanwhile stays as it is.
    /// </summary>
    /// <param name="claims">The schedules.</param>
    /// <param name="firings">Their history rows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The history rows that were written. One that was there before is not among them.</returns>
    Task<IReadOnlySet<Guid>> ClaimAsync(IReadOnlyList<ScheduleClaim> claims, IReadOnlyList<FiringRow> firings, CancellationToken cancellationToken);

    /// <summary>Writes history rows of a schedule that nothing was due for, as long as the schedule is there.</summary>
    /// <param name="firings">The rows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Those that were written.</returns>
    Task<IReadOnlySet<Guid>> InsertFiringsAsync(IReadOnlyList<FiringRow> firings, CancellationToken cancellationToken);

    /// <summary>Which of some runs were started by schedules that were created through an interface. Those of schedules that are deleted are not among them.</summary>
    /// <param name="origin">The interface.</param>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlySet<Guid>> StartedFromAsync(ScheduleOrigin origin, IReadOnlyList<Guid> runIds, CancellationToken cancellationToken);

    /// <summary>Rows of a shard whose runs are not started and that somebody has to look at, earliest first.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="now">Now.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<WaitingFiring>> WaitingAsync(int shard, DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Lets the occurrence of a schedule that waits for the end of a run be looked at now.</summary>
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="now">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when none waits.</returns>
    Task<bool> WakeBufferedAsync(Guid scheduleId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Replaces state, attempt, reason, start and wake time of rows that are still pending or buffered.</summary>
    /// <param name="firings">The rows as they shall be.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task UpdateFiringsAsync(IReadOnlyList<FiringRow> firings, CancellationToken cancellationToken);

    /// <summary>The history of schedules, newest first.</summary>
    /// <param name="filter">Which of it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<FiringRecord>> HistoryAsync(FiringFilter filter, CancellationToken cancellationToken);

    /// <summary>Statistics over the whole history that a filter names, its limit aside.</summary>
    /// <param name="filter">Which of it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<FiringStatistics> StatisticsAsync(FiringFilter filter, CancellationToken cancellationToken);

    /// <summary>Deletes history rows that are too old or too many, and have ended.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="before">Rows from before this instant are too old.</param>
    /// <param name="perSchedule">More rows than this of one schedule are too many.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> PruneAsync(int shard, DateTimeOffset before, int perSchedule, CancellationToken cancellationToken);
}

/// <summary>Which schedules are listed.</summary>
/// <param name="UserId">Of this user only; null for all.</param>
/// <param name="GraphId">Of this graph only; null for all.</param>
/// <param name="Origin">Created through this interface only; null for all.</param>
/// <param name="OriginKey">With this key only; null for all.</param>
/// <param name="IncludeDisabled">Also those that are due no more.</param>
public sealed record ScheduleFilter(string? UserId, Guid? GraphId = null, ScheduleOrigin? Origin = null, string? OriginKey = null, bool IncludeDisabled = false);

/// <summary>When a shard has something to do.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="At">When.</param>
public sealed record ShardDue(int Shard, DateTimeOffset At);

/// <summary>The state of all schedules together.</summary>
/// <param name="Jobs">How many are due some time.</param>
/// <param name="WakeAt">When the next of them, or the next start that waits, is due; null for never.</param>
/// <param name="Errors">The last starts that have failed or are tried again, newest first.</param>
public sealed record SchedulerOverview(long Jobs, DateTimeOffset? WakeAt, IReadOnlyList<FiringError> Errors);

/// <summary>A start that has met an error.</summary>
/// <param name="ScheduleId">The schedule.</param>
/// <param name="At">When its occurrence was claimed.</param>
/// <param name="Reason">The error.</param>
public sealed record FiringError(Guid ScheduleId, DateTimeOffset At, string Reason);

/// <summary>A schedule that is due.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="UnfinishedRuns">Its runs that have not ended, newest first; empty where its policy does not ask for them.</param>
/// <param name="HasBuffered">Whether one of its occurrences waits for the end of a run.</param>
/// <param name="FailuresInRow">How many of its last runs have failed in a row; 0 where its policy does not ask for it.</param>
/// <param name="UnfinishedOfGraph">How many runs of its user and graph have not ended; no more than <see cref="Engine.Scheduling.ScheduleRule.MaxUnfinishedOfGraph"/>.</param>
public sealed record DueSchedule(ScheduleRow Schedule, IReadOnlyList<Guid> UnfinishedRuns, bool HasBuffered, int FailuresInRow, int UnfinishedOfGraph);

/// <summary>What a schedule becomes when what was due is claimed.</summary>
public sealed record ScheduleClaim
{
    /// <summary>The schedule.</summary>
    public required Guid Id { get; init; }

    /// <summary>The revision that was read.</summary>
    public required long Revision { get; init; }

    /// <summary>All occurrences up to this instant are decided.</summary>
    public required DateTimeOffset DecidedTo { get; init; }

    /// <summary>The next occurrence, or null.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>When the ticker has to look again, or null.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The rules of time zones by which it was computed.</summary>
    public required string ZoneRules { get; init; }

    /// <summary>The occurrence that starts a run, or null.</summary>
    public DateTimeOffset? Fired { get; init; }

    /// <summary>Why it is disabled, or null.</summary>
    public string? Disable { get; init; }
}

/// <summary>A history row that has to be looked at, with its schedule.</summary>
/// <param name="Firing">The row.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="OtherRuns">The runs of the schedule that have not ended, newest first; empty where its policy does not ask for them.</param>
public sealed record WaitingFiring(FiringRow Firing, ScheduleRow Schedule, IReadOnlyList<Guid> OtherRuns);

/// <summary>Which part of the history is read.</summary>
/// <param name="UserId">The owner.</param>
/// <param name="ScheduleIds">Of these schedules only; null for all of the user.</param>
/// <param name="Status">With this status only (<see cref="FiringRecord.Status"/>); null for all.</param>
/// <param name="Id">This row only; null for all.</param>
/// <param name="Limit">How many at most.</param>
public sealed record FiringFilter(string UserId, IReadOnlyList<Guid>? ScheduleIds = null, string? Status = null, Guid? Id = null, int Limit = 50)
{
    /// <summary>With one of these statuses only; null for all. It goes before <see cref="Status"/>.</summary>
    public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>Claimed at this instant or later; null for all.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Claimed at this instant or earlier; null for all.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>A history row with what has become of its run.</summary>
/// <param name="Firing">The row.</param>
/// <param name="Status">pending, running, success, failed or skipped (contract: semantics 5.5).</param>
/// <param name="Error">Why it was skipped or has failed, or null.</param>
/// <param name="CompletedAt">When its run has ended, or null.</param>
/// <param name="DurationMilliseconds">From the start to the end, or null.</param>
/// <param name="Stats">The statistics of its run, UTF-8 JSON, or null.</param>
public sealed record FiringRecord(FiringRow Firing, string Status, string? Error, DateTimeOffset? CompletedAt, long? DurationMilliseconds, ReadOnlyMemory<byte>? Stats);

/// <summary>Statistics over a history (contract: semantics 5.5).</summary>
/// <param name="Total">All rows; occurrences that were skipped together count one by one.</param>
/// <param name="Successful">Runs that are COMPLETED.</param>
/// <param name="Failed">Runs that have failed or were terminated, and those that could not be started.</param>
/// <param name="Skipped">Skipped occurrences.</param>
/// <param name="AverageMilliseconds">The average duration of those that have one, or null.</param>
/// <param name="Cost">The credits that their runs cost.</param>
public sealed record FiringStatistics(long Total, long Successful, long Failed, long Skipped, double? AverageMilliseconds, long Cost)
{
    /// <summary>Percent of all that were successful, with one decimal; 0 when there are none.</summary>
    public double SuccessRate => Total == 0 ? 0 : Math.Round(100.0 * Successful / Total, 1, MidpointRounding.AwayFromZero);
}
