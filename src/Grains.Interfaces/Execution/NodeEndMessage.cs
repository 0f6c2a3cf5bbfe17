namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>How a node execution ended.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeEndMessage")]
public sealed record NodeEndMessage
{
    /// <summary>COMPLETED, FAILED, TERMINATED or REVIEW.</summary>
    [Id(0)]
    public required string Status { get; init; }

    /// <summary>The text for the <c>error</c> pin when it failed.</summary>
    [Id(1)]
    public string? Error { get; init; }

    /// <summary>Credits taken from the wallet.</summary>
    [Id(2)]
    public long Charged { get; init; }

    /// <summary>True when the wallet could not pay.</summary>
    [Id(3)]
    public bool OutOfCredits { get; init; }

    /// <summary>What it measured.</summary>
    [Id(4)]
    public required NodeMeasures Measures { get; init; }
}
