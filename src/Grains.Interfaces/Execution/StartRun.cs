using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>Asks for a run of a graph.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.StartRun")]
public sealed record StartRun
{
    /// <summary>The user who owns the run and is charged for it.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    [Id(1)]
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph, from 1, or null for the highest.</summary>
    [Id(2)]
    public int? GraphVersion { get; init; }

    /// <summary>A JSON object of values by input name.</summary>
    [Id(3)]
    public required JsonPayload Inputs { get; init; }

    /// <summary>A JSON object of node ids, each with an object of values that replace those of its pins. A sub-agent gets the masks of its parent's run instead.</summary>
    [Id(4)]
    public JsonPayload Masks { get; init; } = JsonPayload.EmptyObject;

    /// <summary>The key of the request that starts the run, unique among the runs of the user, or null.</summary>
    [Id(5)]
    public string? RequestKey { get; init; }

    /// <summary>For a sub-agent, the run whose Agent node starts it; else null.</summary>
    [Id(6)]
    public Guid? ParentRunId { get; init; }

    /// <summary>For a sub-agent, the execution of that Agent node; else null.</summary>
    [Id(7)]
    public Guid? ParentNodeExecutionId { get; init; }

    /// <summary>The credentials that the caller named, a JSON object, stored only to be shown with the run. The masks are what gives them to nodes.</summary>
    [Id(8)]
    public JsonPayload? CredentialInputs { get; init; }

    /// <summary>The preset that the run is started from, or null.</summary>
    [Id(9)]
    public string? PresetId { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the caller, or null. An invalid one is ignored.</summary>
    [Id(10)]
    public string? TraceParent { get; init; }

    /// <summary>The most credits that the run and its sub-agents may spend together, 0 or more; null for no budget. A sub-agent gets the budget of its parent's run instead.</summary>
    [Id(11)]
    public long? MaxCost { get; init; }

    /// <summary>True for a run without effects, credentials and charges (decision 36). A sub-agent is what its parent's run is.</summary>
    [Id(12)]
    public bool IsDryRun { get; init; }
}

/// <summary>The result of <see cref="IGraphExecutionGrain.Start"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.StartRunResult")]
public sealed record StartRunResult
{
    /// <summary>True when the run is stored.</summary>
    [Id(0)]
    public required bool Accepted { get; init; }

    /// <summary>The reasons of a refusal; empty when accepted.</summary>
    [Id(1)]
    public required ImmutableArray<Problem> Problems { get; init; }
}
