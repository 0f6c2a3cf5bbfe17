namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>Run this graph.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.StartRun")]
public sealed record StartRun
{
    /// <summary>Who runs it, and pays.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    [Id(1)]
    public required Guid GraphId { get; init; }

    /// <summary>1 or more, or null for the highest.</summary>
    [Id(2)]
    public int? GraphVersion { get; init; }

    /// <summary>An object of values by input name.</summary>
    [Id(3)]
    public required JsonPayload Inputs { get; init; }

    /// <summary>An object of node id to an object of values laid over its pins. Taken from the parent for a sub-agent.</summary>
    [Id(4)]
    public JsonPayload Masks { get; init; } = JsonPayload.EmptyObject;

    /// <summary>A text that names this request for its user, or null; unique among the user's runs.</summary>
    [Id(5)]
    public string? RequestKey { get; init; }

    /// <summary>The run whose Agent node starts this one, or null.</summary>
    [Id(6)]
    public Guid? ParentRunId { get; init; }

    /// <summary>That Agent node's execution, or null.</summary>
    [Id(7)]
    public Guid? ParentNodeExecutionId { get; init; }

    /// <summary>The credentials that the caller gave, an object; kept for readers. They take effect by the masks.</summary>
    [Id(8)]
    public JsonPayload? CredentialInputs { get; init; }

    /// <summary>The preset that it is started from, or null.</summary>
    [Id(9)]
    public string? PresetId { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the caller, or null. What is none is passed over.</summary>
    [Id(10)]
    public string? TraceParent { get; init; }
}
