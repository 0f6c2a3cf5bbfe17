using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>What came of <see cref="IGraphGrain.Create"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CreateGraphResult")]
public sealed record CreateGraphResult
{
    /// <summary>The version stored; 0 when refused.</summary>
    [Id(0)]
    public int Version { get; init; }

    /// <summary>Why it was refused; empty when stored.</summary>
    [Id(1)]
    public required ImmutableArray<Problem> Problems { get; init; }
}
