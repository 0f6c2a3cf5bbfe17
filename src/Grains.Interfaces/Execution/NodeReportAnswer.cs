namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>What a run says to a report. It is durable when this arrives.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeReportAnswer")]
public sealed record NodeReportAnswer
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required NodeReportVerdict Verdict { get; init; }

    /// <summary>The output to report next.</summary>
    [Id(1)]
    public int NextOrdinal { get; init; }

    /// <summary>Why it was refused, or null.</summary>
    [Id(2)]
    public string? Reason { get; init; }
}
