namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>Run a block on this.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExecuteBlock")]
public sealed record ExecuteBlock
{
    /// <summary>Who asks.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>An object of values by input pin.</summary>
    [Id(1)]
    public required JsonPayload Input { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the caller, or null.</summary>
    [Id(2)]
    public string? TraceParent { get; init; }
}
