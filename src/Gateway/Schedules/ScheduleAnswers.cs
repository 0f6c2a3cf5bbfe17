using System.Text.Json;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Schedules;

/// <summary>A schedule: the contract's members (semantics 5.2), and behind them those of 5.5 and of newer versions of AutoGPT.</summary>
internal sealed record GraphExecutionJobInfo
{
    public string? ScheduleId { get; init; }

    public required string UserId { get; init; }

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public string? AgentName { get; init; }

    /// <summary>The cron expression; empty for a schedule that is due once.</summary>
    public required string Cron { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> InputData { get; init; }

    public IReadOnlyDictionary<string, CredentialsMetaInput> InputCredentials { get; init; } = new Dictionary<string, CredentialsMetaInput>(StringComparer.Ordinal);

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The next occurrence with the offset of the zone; null for a schedule that is due no more, which lists have only when asked for.</summary>
    public required string? NextRunTime { get; init; }

    [SchemaDefault("\"UTC\"")]
    public string Timezone { get; init; } = "UTC";

    [Always]
    public required string Kind { get; init; }

    /// <summary>The time of a schedule that is due once, else null.</summary>
    public DateTimeOffset? RunAt { get; init; }

    public required string CronDialect { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Why the scheduler has disabled it; null when it is enabled, or its owner has disabled it.</summary>
    public string? DisabledReason { get; init; }

    public string? Description { get; init; }

    public required SchedulePolicyBody Policy { get; init; }

    public DateTimeOffset? LastRunAt { get; init; }

    public DateTimeOffset? NextRunAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The next five occurrences, none while it is disabled; null in lists (contract: decision 13).</summary>
    public IReadOnlyList<PreviewedTime>? Next { get; init; }

    /// <summary>The days that the expression means in each dialect, where they differ; null in lists.</summary>
    public string? Warning { get; init; }

    public string? OrganizationId { get; init; }

    public string? TeamId { get; init; }

    public string? ExpertId { get; init; }
}

/// <summary>An object of which only the id is told.</summary>
internal sealed record IdOnly
{
    public required string Id { get; init; }
}

/// <summary>The runs that a schedule has started, or that wait for a place.</summary>
internal sealed record ScheduleRuns
{
    public required string ScheduleId { get; init; }

    public required IReadOnlyList<string> GraphExecIds { get; init; }
}

/// <summary>A row of the history of a schedule (contract: semantics 5.5, History row).</summary>
internal sealed record ScheduleExecution
{
    public required string Id { get; init; }

    public required string ScheduleId { get; init; }

    /// <summary>The occurrence, or the first of several that were skipped.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    /// <summary>The last of several occurrences that were skipped, else the occurrence.</summary>
    public required DateTimeOffset LastScheduledAt { get; init; }

    /// <summary>How many occurrences the row stands for.</summary>
    public required int Occurrences { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    [OneOf("pending", "running", "success", "failed", "skipped")]
    public required string Status { get; init; }

    /// <summary>A retry is a start by the schedule whose first attempt has failed.</summary>
    [OneOf("schedule", "manual", "backfill", "retry")]
    public required string TriggeredBy { get; init; }

    public required int Attempt { get; init; }

    /// <summary>The run; null when there is none.</summary>
    public string? GraphExecId { get; init; }

    public long? DurationMs { get; init; }

    /// <summary>In credits.</summary>
    public required long Cost { get; init; }

    public required int NodeExecCount { get; init; }

    public required int NodeErrorCount { get; init; }

    /// <summary>Why it was skipped or has failed.</summary>
    public string? Error { get; init; }
}

/// <summary>The history of a schedule.</summary>
internal sealed record ScheduleExecutions
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<ScheduleExecution> Executions { get; init; }

    /// <summary>Over the whole history, whatever part of it is listed.</summary>
    public required ScheduleStats Stats { get; init; }
}

/// <summary>Statistics over a history (contract: semantics 5.5, Statistics).</summary>
internal sealed record ScheduleStats
{
    public required long Total { get; init; }

    public required long Successful { get; init; }

    public required long Failed { get; init; }

    public required long Skipped { get; init; }

    /// <summary>Percent of all, with one decimal.</summary>
    public required double SuccessRate { get; init; }

    /// <summary>Over the runs that have ended.</summary>
    public double? AvgDurationMs { get; init; }

    /// <summary>In credits.</summary>
    public required long TotalCost { get; init; }
}

/// <summary>The state of the scheduler, for administrators (contract: semantics 5.5, Status endpoint).</summary>
internal sealed record SchedulerStatus
{
    /// <summary>False when something has been due for more than a minute and nobody has claimed it.</summary>
    public required bool Running { get; init; }

    public required long JobsCount { get; init; }

    public DateTimeOffset? NextWakeUp { get; init; }

    /// <summary>Newest first, at most 10.</summary>
    public required IReadOnlyList<SchedulerError> LastErrors { get; init; }
}

/// <summary>A start that has met an error.</summary>
internal sealed record SchedulerError
{
    public required string ScheduleId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Error { get; init; }
}

/// <summary>A schedule of a turn of a chat, which newer versions of the contract have (upstream 2b).</summary>
internal sealed record CopilotTurnJobInfo
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string NextRunTime { get; init; }

    [SchemaDefault("\"UTC\"")]
    public string Timezone { get; init; } = "UTC";

    public required string UserId { get; init; }

    public required string SessionId { get; init; }

    public required string Message { get; init; }

    public string? Cron { get; init; }

    public DateTimeOffset? RunAt { get; init; }
}
