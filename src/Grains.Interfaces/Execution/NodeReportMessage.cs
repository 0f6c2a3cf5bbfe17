using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>What a node execution tells its run.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeReportMessage")]
public sealed record NodeReportMessage
{
    /// <summary>Which.</summary>
    [Id(0)]
    public required Guid NodeExecutionId { get; init; }

    /// <summary>In which attempt.</summary>
    [Id(1)]
    public required int Attempt { get; init; }

    /// <summary>The place of the first output among those of the attempt, from 0.</summary>
    [Id(2)]
    public required int FirstOrdinal { get; init; }

    /// <summary>Outputs in order, at most 16 or 1 MB.</summary>
    [Id(3)]
    public required ImmutableArray<EmittedOutput> Outputs { get; init; }

    /// <summary>How it ended, or null while it goes on.</summary>
    [Id(4)]
    public NodeEndMessage? End { get; init; }

    /// <summary>The session of the run that dispatched the attempt (<see cref="NodeWork.Epoch"/>).</summary>
    [Id(5)]
    public long Epoch { get; init; }

    /// <summary>True when the process of the node stops in order and will not finish the attempt, so that it does not count as lost; <see cref="End"/> is null then.</summary>
    [Id(6)]
    public bool Interrupted { get; init; }
}
