using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>What came of <see cref="IGraphExecutionGrain.Start"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.StartRunResult")]
public sealed record StartRunResult
{
    /// <summary>True when the run is stored.</summary>
    [Id(0)]
    public required bool Accepted { get; init; }

    /// <summary>Why not; empty when accepted.</summary>
    [Id(1)]
    public required ImmutableArray<Problem> Problems { get; init; }
}
