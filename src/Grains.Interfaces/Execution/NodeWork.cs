namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>One attempt at a node execution. It was logged before it is sent, except where it may run ahead of the log (ADR 0014).</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeWork")]
public sealed record NodeWork
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required Guid RunId { get; init; }

    /// <summary>Who pays.</summary>
    [Id(1)]
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    [Id(2)]
    public required Guid GraphId { get; init; }

    /// <summary>Its version.</summary>
    [Id(3)]
    public required int GraphVersion { get; init; }

    /// <summary>The node.</summary>
    [Id(4)]
    public required string NodeId { get; init; }

    /// <summary>Its block.</summary>
    [Id(5)]
    public required string BlockId { get; init; }

    /// <summary>1 or more.</summary>
    [Id(6)]
    public required int Attempt { get; init; }

    /// <summary>The resolved input, an object.</summary>
    [Id(7)]
    public required JsonPayload Input { get; init; }

    /// <summary>Credits for the block.</summary>
    [Id(8)]
    public long Price { get; init; }

    /// <summary>Credits for every 100th node execution of the user; 0 for the others.</summary>
    [Id(9)]
    public long Fee { get; init; }

    /// <summary>The user's IANA time zone.</summary>
    [Id(10)]
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>True when this may have been sent before: the node asks its run first whether it still counts.</summary>
    [Id(11)]
    public bool Repeated { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the run, or null.</summary>
    [Id(12)]
    public string? TraceParent { get; init; }

    /// <summary>The session of the run that dispatched it. A dispatch that never became durable may be followed by another with the same attempt and a greater epoch.</summary>
    [Id(13)]
    public long Epoch { get; init; }
}
