namespace Grainflow.Storage.Execution;

/// <summary>A run to be created.</summary>
public sealed record NewRun
{
    /// <summary>The run.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who runs it.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph.</summary>
    public required int GraphVersion { get; init; }

    /// <summary>The first status, INCOMPLETE or QUEUED.</summary>
    public required string Status { get; init; }

    /// <summary>The inputs, a UTF-8 JSON object.</summary>
    public required ReadOnlyMemory<byte> Inputs { get; init; }

    /// <summary>What the engine needs to rebuild the run, UTF-8 JSON, opaque here.</summary>
    public required ReadOnlyMemory<byte> Spec { get; init; }

    /// <summary>The outermost run of a tree of sub-agents; the run itself when it has no parent.</summary>
    public required Guid RootRunId { get; init; }

    /// <summary>The run whose node started this one, or null.</summary>
    public Guid? ParentRunId { get; init; }

    /// <summary>The node execution that started this run, or null.</summary>
    public Guid? ParentNodeExecutionId { get; init; }

    /// <summary>What makes a repeated request of the user recognizable, or null.</summary>
    public string? RequestKey { get; init; }

    /// <summary>The credentials that the caller gave, a UTF-8 JSON object, or null.</summary>
    public ReadOnlyMemory<byte>? CredentialInputs { get; init; }

    /// <summary>The preset that it was started from, or null.</summary>
    public string? PresetId { get; init; }

    /// <summary>The silo that creates it and may append to its log, or null.</summary>
    public string? Host { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was queued, or null.</summary>
    public DateTimeOffset? QueuedAt { get; init; }
}

/// <summary>A run to be created with its first node executions.</summary>
/// <param name="Run">The run.</param>
/// <param name="Nodes">Its node executions.</param>
public sealed record PlannedRun(NewRun Run, IReadOnlyList<NodeRow> Nodes)
{
    /// <summary>
    /// It is stored only as one of so many runs of its user and graph that have not ended, sub-agents aside; at least 1. Runs with a limit are counted one after the other,
    /// whatever process stores them, so the limit holds. Null for no limit.
    /// </summary>
    public int? MostUnfinished { get; init; }
}

/// <summary>What became of the creation of a run.</summary>
public enum RunCreation
{
    /// <summary>The run is stored.</summary>
    Created,

    /// <summary>Nothing was written: the id or the user's request key exists already.</summary>
    Exists,

    /// <summary>Nothing was written: the version of the graph is not there, or its graph was deleted.</summary>
    GraphNotFound,

    /// <summary>Nothing was written: as many runs of the user and graph have not ended as <see cref="PlannedRun.MostUnfinished"/> allows.</summary>
    Full,
}
