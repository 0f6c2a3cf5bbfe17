using Grainflow.Engine.Scheduling;

namespace Grainflow.Storage.Scheduling;

/// <summary>A stored schedule (contract: semantics 5.2 and 5.5).</summary>
public sealed record ScheduleRow
{
    /// <summary>The schedule.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its owner.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph that it runs.</summary>
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph, which stays as it was when the schedule was created.</summary>
    public required int GraphVersion { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the agent when the schedule was created, or null.</summary>
    public string? AgentName { get; init; }

    /// <summary>What it is for, or null.</summary>
    public string? Description { get; init; }

    /// <summary>The message of a schedule of the chat form (contract: schedules-others, S3), or null.</summary>
    public string? Message { get; init; }

    /// <summary>The cron expression; null for a schedule that is due once.</summary>
    public string? Cron { get; init; }

    /// <summary>When it is due once; null for one by cron.</summary>
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>The dialect of <see cref="Cron"/> (contract: decision 13).</summary>
    public required CronDialect Dialect { get; init; }

    /// <summary>The IANA name of its zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>The inputs of its runs, a UTF-8 JSON object.</summary>
    public required ReadOnlyMemory<byte> Inputs { get; init; }

    /// <summary>The credentials that its runs use, by name of the input, a UTF-8 JSON object.</summary>
    public required ReadOnlyMemory<byte> Credentials { get; init; }

    /// <summary>How it treats what does not go as planned.</summary>
    public required SchedulePolicy Policy { get; init; }

    /// <summary>False when it starts nothing by itself.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Why it was disabled by the scheduler; null when it is enabled or its owner has disabled it.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>The interface through which it was created.</summary>
    public required ScheduleOrigin Origin { get; init; }

    /// <summary>The id that the caller gave it, unique for the user and origin; null when he gave none.</summary>
    public string? OriginKey { get; init; }

    /// <summary>All occurrences up to this instant are decided.</summary>
    public required DateTimeOffset DecidedTo { get; init; }

    /// <summary>The next occurrence; null when there is none or it is disabled.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>When the ticker has to look at it: the next occurrence and its jitter.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The version of the rules of time zones by which <see cref="NextAt"/> was computed.</summary>
    public required string ZoneRules { get; init; }

    /// <summary>Only runs from here on count for the pause after failures.</summary>
    public required DateTimeOffset FailuresFrom { get; init; }

    /// <summary>The last occurrence that started a run, or null.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its owner last changed it.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Raised by each change; a change names the one that it was based on.</summary>
    public long Revision { get; init; } = 1;
}

/// <summary>A schedule that is to be stored.</summary>
/// <param name="Row">The schedule.</param>
/// <param name="OfHighestVersion">True to store it only if its graph has no higher version.</param>
public sealed record NewSchedule(ScheduleRow Row, bool OfHighestVersion);

/// <summary>The interface through which a schedule was created.</summary>
public enum ScheduleOrigin
{
    /// <summary>The contract's own paths, the command line and the RPC.</summary>
    Platform,

    /// <summary><c>/api/agents/{name}/schedules</c>.</summary>
    Agents,

    /// <summary><c>/api/scheduler</c>.</summary>
    Scheduler,
}

/// <summary>Why a firing is there.</summary>
public enum FiringTrigger
{
    /// <summary>An occurrence was due.</summary>
    Schedule,

    /// <summary>Somebody asked for it.</summary>
    Manual,

    /// <summary>Somebody asked for the occurrences of a range.</summary>
    Backfill,
}

/// <summary>What has become of a firing. How its run goes on stands with the run.</summary>
public enum FiringState
{
    /// <summary>Claimed; its run is about to be stored.</summary>
    Pending,

    /// <summary>Claimed; it waits for the end of another run.</summary>
    Buffered,

    /// <summary>Its run is stored.</summary>
    Started,

    /// <summary>It starts no run, by the rules.</summary>
    Skipped,

    /// <summary>Its run could not be started.</summary>
    Failed,
}

/// <summary>A row of the history of a schedule.</summary>
public sealed record FiringRow
{
    /// <summary>The row; also the id of its run.</summary>
    public required Guid Id { get; init; }

    /// <summary>The schedule.</summary>
    public required Guid ScheduleId { get; init; }

    /// <summary>The owner of the schedule.</summary>
    public required string UserId { get; init; }

    /// <summary>The occurrence, or the first of several that were skipped.</summary>
    public required DateTimeOffset Occurrence { get; init; }

    /// <summary>The last of several occurrences that were skipped; else the occurrence.</summary>
    public required DateTimeOffset LastOccurrence { get; init; }

    /// <summary>How many occurrences the row stands for.</summary>
    public int Occurrences { get; init; } = 1;

    /// <summary>Why it is there.</summary>
    public required FiringTrigger Trigger { get; init; }

    /// <summary>What has become of it.</summary>
    public required FiringState State { get; init; }

    /// <summary>How often its start was tried, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Why it was skipped, or what the last attempt to start it has met; else null.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was claimed.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its run was stored, or null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When somebody has to look at it again; null for never.</summary>
    public DateTimeOffset? WakeAt { get; init; }
}
