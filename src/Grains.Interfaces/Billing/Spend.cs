namespace Grainflow.Grains.Interfaces.Billing;

/// <summary>Take credits.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.Spend")]
public sealed record Spend
{
    /// <summary>Names the charge for this user; a repeat changes nothing. For a node: the node execution id.</summary>
    [Id(0)]
    public required string TransactionKey { get; init; }

    /// <summary>1 or more.</summary>
    [Id(1)]
    public required long Credits { get; init; }

    /// <summary>An object kept with the transaction: run, node, block, matched filter.</summary>
    [Id(2)]
    public required JsonPayload Metadata { get; init; }
}
