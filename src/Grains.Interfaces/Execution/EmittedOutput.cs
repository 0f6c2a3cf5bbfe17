namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>A value on a pin.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.EmittedOutput")]
public sealed record EmittedOutput
{
    /// <summary>The output pin; for a sub-agent the output's name.</summary>
    [Id(0)]
    public required string Pin { get; init; }

    /// <summary>The value.</summary>
    [Id(1)]
    public required JsonPayload Value { get; init; }
}
