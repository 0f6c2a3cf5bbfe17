using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>What came of <see cref="IBlockGrain.Execute"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExecuteBlockResult")]
public sealed record ExecuteBlockResult
{
    /// <summary>How it ended.</summary>
    [Id(0)]
    public required ExecuteBlockOutcome Outcome { get; init; }

    /// <summary>What the block gave, in order; empty unless it completed.</summary>
    [Id(1)]
    public required ImmutableArray<EmittedOutput> Outputs { get; init; }

    /// <summary>Why it did not complete, or null.</summary>
    [Id(2)]
    public string? Error { get; init; }
}
