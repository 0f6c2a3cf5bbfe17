namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>A run as its log has it.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.RunState")]
public sealed record RunState
{
    /// <summary>A status of the contract, for example <c>RUNNING</c>.</summary>
    [Id(0)]
    public required string Status { get; init; }

    /// <summary>Why it failed, or null.</summary>
    [Id(1)]
    public string? Error { get; init; }

    /// <summary>The last committed sequence number of its log.</summary>
    [Id(2)]
    public required long Sequence { get; init; }

    /// <summary>What it measured, as JSON with the API's names.</summary>
    [Id(3)]
    public required JsonPayload Stats { get; init; }
}
