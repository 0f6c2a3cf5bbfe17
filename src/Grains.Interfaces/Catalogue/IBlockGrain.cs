using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>Direct execution of one block; the key is the block id (contract: semantics 2.16).</summary>
[Alias("grainflow.IBlockGrain")]
public interface IBlockGrain : IGrainWithStringKey
{
    /// <summary>Runs the block outside any graph: nothing is charged or reviewed, and the block gets no credentials.</summary>
    /// <param name="command">The input.</param>
    [Alias("Execute"), ResponseTimeout("00:06:00")]
    Task<ExecuteBlockResult> Execute(ExecuteBlock command);
}

/// <summary>Asks for the direct execution of a block.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExecuteBlock")]
public sealed record ExecuteBlock
{
    /// <summary>The user who asks.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>A JSON object of values by input pin.</summary>
    [Id(1)]
    public required JsonPayload Input { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the caller, or null.</summary>
    [Id(2)]
    public string? TraceParent { get; init; }
}

/// <summary>The result of <see cref="IBlockGrain.Execute"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExecuteBlockResult")]
public sealed record ExecuteBlockResult
{
    /// <summary>How it ended.</summary>
    [Id(0)]
    public required ExecuteBlockOutcome Outcome { get; init; }

    /// <summary>The outputs of the block in order; empty unless it completed.</summary>
    [Id(1)]
    public required ImmutableArray<EmittedOutput> Outputs { get; init; }

    /// <summary>The reason why it did not complete, or null.</summary>
    [Id(2)]
    public string? Error { get; init; }
}

/// <summary>How the direct execution of a block ended.</summary>
[GenerateSerializer, Alias("grainflow.ExecuteBlockOutcome")]
public enum ExecuteBlockOutcome
{
    /// <summary>The block ended without a failure.</summary>
    Completed = 0,

    /// <summary>There is no such block.</summary>
    Unknown = 1,

    /// <summary>The block is disabled.</summary>
    Disabled = 2,

    /// <summary>The input was not valid, or the block ended with a failure that it reports to its user.</summary>
    Failed = 3,

    /// <summary>The block ended with an unexpected exception, which is a defect of the block.</summary>
    Broken = 4,
}
