namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>Make this document a graph of the user's own.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ImportGraph")]
public sealed record ImportGraph
{
    /// <summary>The owner.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>A graph of the API, with its sub-graphs. Its ids are replaced by new ones.</summary>
    [Id(1)]
    public required JsonPayload Document { get; init; }
}
