using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>Direct execution of one block; the key is the block id (contract: semantics 2.16, upstream 2b; ADR 0036).</summary>
[Alias("grainflow.IBlockGrain")]
public interface IBlockGrain : IGrainWithStringKey
{
    /// <summary>Runs the block outside any graph: it gets the credentials that its input names, a price is charged once for each operation, and nothing is reviewed.</summary>
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

    /// <summary>
    /// Names the execution: the same for a request that is sent again, so that it is charged once. Empty from releases that did not say it; the execution then has an id of its own.
    /// </summary>
    [Id(3)]
    public Guid OperationId { get; init; }
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

    /// <summary>The block ended with a failure that it reports to its user.</summary>
    Failed = 3,

    /// <summary>The block ended with an unexpected exception, which is a defect of the block.</summary>
    Broken = 4,

    /// <summary>The input or its credentials are not valid. The block was not started, and nothing was charged.</summary>
    Refused = 5,

    /// <summary>The balance is smaller than the price. The block was not started, and nothing was charged.</summary>
    Unpaid = 6,
}
