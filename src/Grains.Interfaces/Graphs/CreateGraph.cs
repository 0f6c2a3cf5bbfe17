using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>Store these graphs.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CreateGraph")]
public sealed record CreateGraph
{
    /// <summary>The owner.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>Graph documents: the graph of this grain first, then its sub-graphs.</summary>
    [Id(1)]
    public required ImmutableArray<JsonPayload> Documents { get; init; }
}
