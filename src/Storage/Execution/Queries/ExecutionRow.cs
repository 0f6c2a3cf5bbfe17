using System.Text.Json;

namespace Grainflow.Storage.Execution;

/// <summary>A run as its user sees it in listings.</summary>
public sealed record ExecutionRow
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

    /// <summary>The inputs, a UTF-8 JSON object.</summary>
    public required ReadOnlyMemory<byte> Inputs { get; init; }

    /// <summary>The credentials that the caller gave, a UTF-8 JSON object, or null.</summary>
    public ReadOnlyMemory<byte>? CredentialInputs { get; init; }

    /// <summary>The preset that it was started from, or null.</summary>
    public string? PresetId { get; init; }

    /// <summary>What started it, one of <see cref="Engine.Execution.RunTriggers"/>, or null.</summary>
    public string? TriggerSource { get; init; }

    /// <summary>The schedule that started it, which may be deleted since, or null.</summary>
    public Guid? ScheduleId { get; init; }

    /// <summary>The webhook that started it, which may be deleted since, or null.</summary>
    public Guid? WebhookId { get; init; }

    /// <summary>Whether it is a dry run (decision 36).</summary>
    public bool IsDryRun { get; init; }

    /// <summary>When it started, or null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Statistics, UTF-8 JSON, or null.</summary>
    public ReadOnlyMemory<byte>? Stats { get; init; }
}

/// <summary>A page of a listing.</summary>
/// <param name="Rows">The runs of the page.</param>
/// <param name="Total">How many there are on all pages.</param>
public sealed record ExecutionPage(IReadOnlyList<ExecutionRow> Rows, long Total);

/// <summary>The values of one output of a run.</summary>
/// <param name="Name">The output's name.</param>
/// <param name="Values">Its values in order.</param>
public sealed record ExecutionOutput(string Name, IReadOnlyList<JsonElement> Values);
