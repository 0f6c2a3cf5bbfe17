using System.Text.Json;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Schedules.Agents;

/// <summary>The body of a new schedule of an agent (contract: schedules-others, S3).</summary>
internal sealed record AgentScheduleCreate
{
    public required string Name { get; init; }

    public required string CronExpression { get; init; }

    public string? Message { get; init; }

    public bool? Enabled { get; init; }

    public string? Timezone { get; init; }

    public string? Description { get; init; }

    /// <summary>Values by input name; they go before the message.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Inputs { get; init; }
}

/// <summary>The body of a change; what is absent stays.</summary>
internal sealed record AgentScheduleUpdate
{
    public string? Name { get; init; }

    public string? CronExpression { get; init; }

    public string? Message { get; init; }

    public bool? Enabled { get; init; }

    public string? Timezone { get; init; }

    public string? Description { get; init; }

    /// <summary>Values by input name; they go before the message.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Inputs { get; init; }
}

/// <summary>A schedule of an agent.</summary>
internal sealed record AgentSchedule
{
    public required string Id { get; init; }

    public required string AgentName { get; init; }

    public required string Name { get; init; }

    public required string CronExpression { get; init; }

    public required string Message { get; init; }

    public required bool Enabled { get; init; }

    public required string Timezone { get; init; }

    public required string? Description { get; init; }

    public required string OwnerId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required DateTimeOffset? LastRunAt { get; init; }

    public required DateTimeOffset? NextRunAt { get; init; }
}

/// <summary>The execution that a trigger has started.</summary>
internal sealed record AgentTriggered
{
    public required string ExecutionId { get; init; }

    public required string Status { get; init; }
}

/// <summary>An execution of a schedule of an agent.</summary>
internal sealed record AgentExecution
{
    public required string Id { get; init; }

    public required string ScheduleId { get; init; }

    public required string AgentName { get; init; }

    [OneOf("pending", "running", "success", "failed", "skipped")]
    public required string Status { get; init; }

    public required DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset? CompletedAt { get; init; }

    public required long? DurationMs { get; init; }

    public required string Message { get; init; }

    /// <summary>The outputs as text, at most 10 KB; null before the end.</summary>
    public required string? Response { get; init; }

    public required string? Error { get; init; }

    [OneOf("schedule", "manual", "retry")]
    public required string TriggeredBy { get; init; }

    /// <summary>The tokens of the last call to a language model; null when there was none.</summary>
    public required long? ContextUsed { get; init; }

    /// <summary>The most tokens that its model takes; null when there was none.</summary>
    public required int? ContextMax { get; init; }

    /// <summary>In USD.</summary>
    public required double Cost { get; init; }

    public required IReadOnlyList<AgentToolCall> ToolCalls { get; init; }

    /// <summary>The run; null when there is none.</summary>
    public required string? GraphExecId { get; init; }

    public required DateTimeOffset ScheduledAt { get; init; }
}

/// <summary>A call of a tool: an execution of a node that a tool pin leads to.</summary>
internal sealed record AgentToolCall
{
    /// <summary>The name of the tool, which is that of its block.</summary>
    public required string Name { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Input { get; init; }

    public required long? DurationMs { get; init; }

    public required bool Success { get; init; }
}

/// <summary>What an agent did.</summary>
internal sealed record AgentActivity
{
    public required string Id { get; init; }

    public required string AgentName { get; init; }

    public required string UserId { get; init; }

    public required string ActivityType { get; init; }

    [OneOf("started", "completed", "failed")]
    public required string ActivityState { get; init; }

    [OneOf("schedule", "manual", "retry")]
    public required string TriggeredBy { get; init; }

    public required string? RelatedExecutionId { get; init; }

    public required string? ParentActivityId { get; init; }

    public required DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset? CompletedAt { get; init; }

    public required long? DurationMs { get; init; }

    public required string? Error { get; init; }

    public required AgentActivityDetails Details { get; init; }
}

/// <summary>The schedule behind an activity, and what it took.</summary>
internal sealed record AgentActivityDetails
{
    public required string ScheduleId { get; init; }

    public required string ScheduleName { get; init; }

    public required string? CronExpression { get; init; }

    public required long? ContextUsed { get; init; }

    public required int? ContextMax { get; init; }

    public required double CostUsd { get; init; }

    public required int ToolCount { get; init; }
}
