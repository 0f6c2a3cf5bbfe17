using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>What a sub-agent's run has given.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ChildProgress")]
public sealed record ChildProgress
{
    /// <summary>Values of Output nodes by output name, in the order of the log.</summary>
    [Id(0)]
    public required ImmutableArray<EmittedOutput> Outputs { get; init; }

    /// <summary>Where to go on reading.</summary>
    [Id(1)]
    public required long Sequence { get; init; }

    /// <summary>The status of the run.</summary>
    [Id(2)]
    public required string Status { get; init; }

    /// <summary>Why it failed, or null.</summary>
    [Id(3)]
    public string? Error { get; init; }

    /// <summary>Credits it was charged so far.</summary>
    [Id(4)]
    public long Cost { get; init; }

    /// <summary>Node executions that ended so far.</summary>
    [Id(5)]
    public int Steps { get; init; }
}
