namespace Grainflow.Storage.Execution;

/// <summary>A change of the run itself. What is null keeps its stored value.</summary>
public sealed record RunChange
{
    /// <summary>The new status; COMPLETED, FAILED and TERMINATED close the run's log for ever.</summary>
    public required string Status { get; init; }

    /// <summary>When the run was queued.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>When the run started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why the run failed.</summary>
    public string? Error { get; init; }
}
