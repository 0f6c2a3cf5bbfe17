namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>A graph version that may be given away: without secrets and webhooks.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExportedGraph")]
public sealed record ExportedGraph
{
    /// <summary>The graph's document.</summary>
    [Id(0)]
    public required JsonPayload Document { get; init; }

    /// <summary>What follows from the document: schemas and flags.</summary>
    [Id(1)]
    public required JsonPayload Model { get; init; }
}
