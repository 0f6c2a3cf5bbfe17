namespace Grainflow.Storage.Execution;

/// <summary>One event to be appended to a run's log.</summary>
public sealed record LogEvent
{
    /// <summary>The kind of event, opaque here.</summary>
    public required string Kind { get; init; }

    /// <summary>When it happened. Kept to the microsecond.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The event, UTF-8 JSON without the output's value.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The output the event announces, or null.</summary>
    public NodeOutputRow? Output { get; init; }
}
