namespace Grainflow.Grains.Interfaces.Scheduling;

/// <summary>The notice that a run of a schedule has started or ended, for the open sockets of its owner (contract: schedules-others, events). It may be lost.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ScheduleNotice")]
public sealed record ScheduleNotice
{
    /// <summary>The schedule.</summary>
    [Id(0)]
    public required Guid ScheduleId { get; init; }

    /// <summary>Its name when the run was started.</summary>
    [Id(1)]
    public required string ScheduleName { get; init; }

    /// <summary>The name of the agent.</summary>
    [Id(2)]
    public required string Agent { get; init; }

    /// <summary>The run.</summary>
    [Id(3)]
    public required Guid RunId { get; init; }

    /// <summary>When it was started or has ended.</summary>
    [Id(4)]
    public required DateTimeOffset At { get; init; }

    /// <summary>Null for a start; else whether the run is COMPLETED.</summary>
    [Id(5)]
    public bool? Succeeded { get; init; }

    /// <summary>Why it has failed, or null.</summary>
    [Id(6)]
    public string? Error { get; init; }
}
