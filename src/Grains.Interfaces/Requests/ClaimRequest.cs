namespace Grainflow.Grains.Interfaces.Requests;

/// <summary>Asks to handle a request.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ClaimRequest")]
public sealed record ClaimRequest
{
    /// <summary>Who sent it.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>The client's key for it.</summary>
    [Id(1)]
    public required string Key { get; init; }

    /// <summary>Stands for what is asked.</summary>
    [Id(2)]
    public required string Fingerprint { get; init; }
}
