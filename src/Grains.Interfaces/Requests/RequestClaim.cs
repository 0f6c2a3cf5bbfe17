namespace Grainflow.Grains.Interfaces.Requests;

/// <summary>What is known of a request.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.RequestClaim")]
public sealed record RequestClaim
{
    /// <summary>What to do.</summary>
    [Id(0)]
    public required RequestVerdict Verdict { get; init; }

    /// <summary>The claim, when the request is to be handled.</summary>
    [Id(1)]
    public Guid Claim { get; init; }

    /// <summary>The id of what the request creates, when it is to be handled.</summary>
    [Id(2)]
    public Guid ResourceId { get; init; }

    /// <summary>True when somebody has begun to handle it before, and may have created it.</summary>
    [Id(3)]
    public bool Repeated { get; init; }

    /// <summary>The HTTP status of the answer, when there is one.</summary>
    [Id(4)]
    public int Status { get; init; }

    /// <summary>The answer, or null.</summary>
    [Id(5)]
    public JsonPayload? Answer { get; init; }
}
