using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Schedules.Workflows;

/// <summary>The body of "register" (contract: schedules-others, S4). A trigger that is registered again is changed.</summary>
internal sealed record RegisterTrigger
{
    /// <summary>The client's id, unique per owner.</summary>
    [JsonPropertyName("triggerId")]
    public required string TriggerId { get; init; }

    /// <summary>A graph.</summary>
    [JsonPropertyName("workflowId")]
    public required string WorkflowId { get; init; }

    [JsonPropertyName("cronExpression")]
    public required string CronExpression { get; init; }

    [JsonPropertyName("timezone")]
    public string? Timezone { get; init; }

    [JsonPropertyName("enabled")]
    public bool? Enabled { get; init; }

    [JsonPropertyName("inputs")]
    public IReadOnlyDictionary<string, JsonElement>? Inputs { get; init; }

    [JsonPropertyName("window")]
    public ScheduleWindowBody? Window { get; init; }

    /// <summary>1 to skip what is due while a run of the trigger has not ended; absent for no limit.</summary>
    [JsonPropertyName("maxConcurrent")]
    public int? MaxConcurrent { get; init; }

    /// <summary>True to check everything and to store nothing.</summary>
    [JsonPropertyName("validateOnly")]
    public bool? ValidateOnly { get; init; }
}

/// <summary>The body of "unregister".</summary>
internal sealed record UnregisterTrigger
{
    [JsonPropertyName("triggerId")]
    public required string TriggerId { get; init; }
}

/// <summary>The body of "pause".</summary>
internal sealed record PauseTrigger
{
    [JsonPropertyName("triggerId")]
    public required string TriggerId { get; init; }

    [JsonPropertyName("action"), OneOf("pause", "resume")]
    public required string Action { get; init; }
}

/// <summary>The answer to "register".</summary>
internal sealed record TriggerRegistered
{
    [JsonPropertyName("success")]
    public required bool Success { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>The next five times.</summary>
    [JsonPropertyName("nextRuns")]
    public required IReadOnlyList<Engine.Scheduling.PreviewedTime> NextRuns { get; init; }

    /// <summary>The days that the expression means in each dialect, where they differ; else null.</summary>
    [JsonPropertyName("warning")]
    public required string? Warning { get; init; }
}

/// <summary>The answer to "unregister" and "pause".</summary>
internal sealed record TriggerChanged
{
    [JsonPropertyName("success")]
    public required bool Success { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }
}

/// <summary>The answer to a request that was refused.</summary>
internal sealed record TriggerFailure
{
    [JsonPropertyName("success")]
    public required bool Success { get; init; }

    [JsonPropertyName("error")]
    public required string Error { get; init; }
}

/// <summary>The history of triggers.</summary>
internal sealed record TriggerHistory
{
    /// <summary>What has ended, newest first.</summary>
    [JsonPropertyName("executions")]
    public required IReadOnlyList<TriggerExecution> Executions { get; init; }

    [JsonPropertyName("stats")]
    public required TriggerStats Stats { get; init; }
}

/// <summary>An execution of a trigger.</summary>
internal sealed record TriggerExecution
{
    [JsonPropertyName("executionId")]
    public required string ExecutionId { get; init; }

    [JsonPropertyName("triggerId")]
    public required string TriggerId { get; init; }

    [JsonPropertyName("workflowId")]
    public required string WorkflowId { get; init; }

    [JsonPropertyName("scheduledAt")]
    public required DateTimeOffset ScheduledAt { get; init; }

    [JsonPropertyName("executedAt")]
    public required DateTimeOffset? ExecutedAt { get; init; }

    [JsonPropertyName("status"), OneOf("success", "failed", "skipped")]
    public required string Status { get; init; }

    [JsonPropertyName("error")]
    public required string? Error { get; init; }

    /// <summary>The run; null when there is none.</summary>
    [JsonPropertyName("runId")]
    public required string? RunId { get; init; }

    [JsonPropertyName("durationMs")]
    public required long? DurationMs { get; init; }

    [JsonPropertyName("metadata")]
    public required TriggerMetadata Metadata { get; init; }
}

/// <summary>How an execution came about.</summary>
internal sealed record TriggerMetadata
{
    [JsonPropertyName("triggeredBy")]
    public required string TriggeredBy { get; init; }

    [JsonPropertyName("attempt")]
    public required int Attempt { get; init; }

    /// <summary>How many occurrences it stands for: skipped ones stand together.</summary>
    [JsonPropertyName("occurrences")]
    public required int Occurrences { get; init; }
}

/// <summary>Statistics over the history of triggers.</summary>
internal sealed record TriggerStats
{
    [JsonPropertyName("total")]
    public required long Total { get; init; }

    [JsonPropertyName("successful")]
    public required long Successful { get; init; }

    [JsonPropertyName("failed")]
    public required long Failed { get; init; }

    [JsonPropertyName("skipped")]
    public required long Skipped { get; init; }

    /// <summary>Percent, with one decimal.</summary>
    [JsonPropertyName("successRate")]
    public required double SuccessRate { get; init; }

    [JsonPropertyName("avgDurationMs")]
    public required double? AvgDurationMs { get; init; }
}

/// <summary>An expression to begin with.</summary>
internal sealed record TriggerTemplate
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("cronExpression")]
    public required string CronExpression { get; init; }
}
