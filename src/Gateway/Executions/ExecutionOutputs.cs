using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Executions;

/// <summary>What every answer about a run has.</summary>
internal abstract record ExecutionAnswer
{
    [Always]
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public required IReadOnlyDictionary<string, CredentialsMetaInput>? CredentialInputs { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>>? NodesInputMasks { get; init; }

    public required string? PresetId { get; init; }

    public required AgentExecutionStatus Status { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    [SchemaDefault("false")]
    public bool IsShared { get; init; }

    public string? ShareToken { get; init; }

    [SchemaDefault("false")]
    public bool IsDryRun { get; init; }

    public string? OrganizationId { get; init; }

    public string? TeamId { get; init; }

    public string? ExpertId { get; init; }

    /// <summary><c>manual</c>, <c>schedule</c>, <c>webhook</c>, or null for a sub-agent (contract: upstream 2a).</summary>
    public required string? TriggerSource { get; init; }

    public string? TriggerRef { get; init; }

    /// <summary>The schedule that started the run; it may be deleted since.</summary>
    public required string? ScheduleId { get; init; }

    /// <summary>The webhook that started the run; it may be deleted since.</summary>
    public string? WebhookId { get; init; }

    public required Stats? Stats { get; init; }
}

/// <summary>A run in a listing.</summary>
internal sealed record GraphExecutionMeta : ExecutionAnswer
{
    public required IReadOnlyDictionary<string, JsonElement>? Inputs { get; init; }
}

/// <summary>A run with its results.</summary>
internal record GraphExecution : ExecutionAnswer
{
    public required IReadOnlyDictionary<string, JsonElement> Inputs { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Outputs { get; init; }
}

/// <summary>A run with its results and all that its nodes did.</summary>
internal sealed record GraphExecutionWithNodes : GraphExecution
{
    public required IReadOnlyList<NodeExecutionResult> NodeExecutions { get; init; }
}

/// <summary>One execution of a node.</summary>
internal sealed record NodeExecutionResult
{
    public required string UserId { get; init; }

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    public required string GraphExecId { get; init; }

    public required string NodeExecId { get; init; }

    public required string NodeId { get; init; }

    public required string BlockId { get; init; }

    public required AgentExecutionStatus Status { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> InputData { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> OutputData { get; init; }

    public required DateTimeOffset AddTime { get; init; }

    public required DateTimeOffset? QueueTime { get; init; }

    public required DateTimeOffset? StartTime { get; init; }

    public required DateTimeOffset? EndTime { get; init; }
}

/// <summary>A page of runs.</summary>
internal sealed record GraphExecutionsPaginated
{
    public required IReadOnlyList<GraphExecutionMeta> Executions { get; init; }

    public required Pagination Pagination { get; init; }
}

/// <summary>Where a page stands.</summary>
internal sealed record Pagination
{
    public required int TotalItems { get; init; }

    public required int TotalPages { get; init; }

    public required int CurrentPage { get; init; }

    public required int PageSize { get; init; }
}

/// <summary>What a run measured.</summary>
internal sealed record Stats
{
    [SchemaDefault("0")]
    public long Cost { get; init; }

    [SchemaDefault("0")]
    public double Duration { get; init; }

    [SchemaDefault("0")]
    public double DurationCpuOnly { get; init; }

    [SchemaDefault("0")]
    public double NodeExecTime { get; init; }

    [SchemaDefault("0")]
    public double NodeExecTimeCpuOnly { get; init; }

    [SchemaDefault("0")]
    public int NodeExecCount { get; init; }

    [SchemaDefault("0")]
    public int NodeErrorCount { get; init; }

    public string? Error { get; init; }

    /// <summary><c>insufficient_balance</c> or <c>budget_exceeded</c>; null for any other reason.</summary>
    public string? FailureReason { get; init; }

    public string? ActivityStatus { get; init; }

    public double? CorrectnessScore { get; init; }

    /// <summary>Whatever else was measured.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? More { get; init; }
}

/// <summary>The state of a run or of a node execution.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AgentExecutionStatus>))]
internal enum AgentExecutionStatus
{
    INCOMPLETE,
    QUEUED,
    RUNNING,
    COMPLETED,
    TERMINATED,
    FAILED,
    REVIEW,
}

/// <summary>Names credentials, without their secret.</summary>
internal sealed record CredentialsMetaInput
{
    public required string Id { get; init; }

    public string? Title { get; init; }

    public required string Provider { get; init; }

    [OneOf("api_key", "oauth2", "user_password", "host_scoped")]
    public required string Type { get; init; }
}
