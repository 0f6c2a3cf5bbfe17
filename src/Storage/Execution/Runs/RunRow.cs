namespace Grainflow.Storage.Execution;

/// <summary>A run as it is stored.</summary>
public sealed record RunRow
{
    /// <summary>The run.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who runs it.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph.</summary>
    public required int GraphVersion { get; init; }

    /// <summary>A status of the contract (semantics 2.1).</summary>
    public required string Status { get; init; }

    /// <summary>The inputs, UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Inputs { get; init; }

    /// <summary>What the engine needs to rebuild the run, UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Spec { get; init; }

    /// <summary>The outermost run.</summary>
    public required Guid RootRunId { get; init; }

    /// <summary>The run whose node started this one, or null.</summary>
    public Guid? ParentRunId { get; init; }

    /// <summary>The node execution that started this run, or null.</summary>
    public Guid? ParentNodeExecutionId { get; init; }

    /// <summary>What makes a repeated request recognizable, or null.</summary>
    public string? RequestKey { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was queued, or null.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>When it started, or null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Statistics, UTF-8 JSON, or null.</summary>
    public ReadOnlyMemory<byte>? Stats { get; init; }

    /// <summary>True when the user deleted it; the row stays in the database.</summary>
    public bool Deleted { get; init; }

    /// <summary>The credentials that the caller gave, a UTF-8 JSON object, or null.</summary>
    public ReadOnlyMemory<byte>? CredentialInputs { get; init; }

    /// <summary>The preset that it was started from, or null.</summary>
    public string? PresetId { get; init; }
}

/// <summary>What is needed to find a run again and to wake it.</summary>
/// <param name="Id">The run.</param>
/// <param name="UserId">Who runs it.</param>
/// <param name="GraphId">The graph.</param>
/// <param name="GraphVersion">The version of the graph.</param>
/// <param name="Status">Its status.</param>
/// <param name="ParentRunId">The run whose node started this one, or null.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record RunSummary(Guid Id, string UserId, Guid GraphId, int GraphVersion, string Status, Guid? ParentRunId, DateTimeOffset CreatedAt);
