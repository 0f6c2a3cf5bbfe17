namespace Grainflow.Grains.Interfaces.Billing;

/// <summary>What came of a charge.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SpendResult")]
public sealed record SpendResult
{
    /// <summary>True when it is in the ledger, now or from before.</summary>
    [Id(0)]
    public required bool Paid { get; init; }

    /// <summary>Credits taken for it; 0 when credit is switched off.</summary>
    [Id(1)]
    public required long Charged { get; init; }

    /// <summary>The balance after it.</summary>
    [Id(2)]
    public required long Balance { get; init; }
}
