namespace Grainflow.Grains.Interfaces;

/// <summary>A reason why a command was refused, for the user to correct.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.Problem")]
public sealed record Problem
{
    /// <summary>What is wrong.</summary>
    [Id(0)]
    public required string Message { get; init; }

    /// <summary>The node it concerns, or null.</summary>
    [Id(1)]
    public string? NodeId { get; init; }

    /// <summary>The pin it concerns, or null.</summary>
    [Id(2)]
    public string? Field { get; init; }
}
