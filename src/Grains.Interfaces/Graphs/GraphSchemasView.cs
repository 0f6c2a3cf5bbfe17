namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>What a graph takes and gives.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.GraphSchemasView")]
public sealed record GraphSchemasView
{
    /// <summary>JSON schema of the inputs.</summary>
    [Id(0)]
    public required JsonPayload Input { get; init; }

    /// <summary>JSON schema of the outputs.</summary>
    [Id(1)]
    public required JsonPayload Output { get; init; }
}
