using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>Asks to store graphs.</summary>
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

/// <summary>Asks to store a document as a graph of the user.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ImportGraph")]
public sealed record ImportGraph
{
    /// <summary>The owner.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>A graph as the API has it, with its sub-graphs. Its ids are replaced by new ones.</summary>
    [Id(1)]
    public required JsonPayload Document { get; init; }
}

/// <summary>The result of <see cref="IGraphGrain.Create"/>, <see cref="IGraphGrain.Import"/> and <see cref="IGraphGrain.Update"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CreateGraphResult")]
public sealed record CreateGraphResult
{
    /// <summary>The stored version; 0 when nothing was stored.</summary>
    [Id(0)]
    public int Version { get; init; }

    /// <summary>The reasons of a refusal; empty when stored.</summary>
    [Id(1)]
    public required ImmutableArray<Problem> Problems { get; init; }

    /// <summary>What was kept although it is not known here or cannot be used as it is (decision 35), with the ids of the stored nodes; empty when there is nothing.</summary>
    [Id(2)]
    public ImmutableArray<Problem> Warnings { get; init; } = [];
}

/// <summary>A graph version without secrets and webhooks, for passing on to others.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExportedGraph")]
public sealed record ExportedGraph
{
    /// <summary>The graph's document.</summary>
    [Id(0)]
    public required JsonPayload Document { get; init; }

    /// <summary>The schemas and flags that are computed from the document.</summary>
    [Id(1)]
    public required JsonPayload Model { get; init; }
}

/// <summary>The schemas of a graph.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.GraphSchemasView")]
public sealed record GraphSchemasView
{
    /// <summary>The JSON schema of the inputs.</summary>
    [Id(0)]
    public required JsonPayload Input { get; init; }

    /// <summary>The JSON schema of the outputs.</summary>
    [Id(1)]
    public required JsonPayload Output { get; init; }
}
