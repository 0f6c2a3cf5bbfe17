using Grainflow.Grains.Interfaces.Billing;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>The message that starts one attempt at a node execution. Its dispatch is durable, except for nodes that may run ahead of the log (ADR 0014).</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeWork")]
public sealed record NodeWork
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required Guid RunId { get; init; }

    /// <summary>The user who is charged.</summary>
    [Id(1)]
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    [Id(2)]
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph.</summary>
    [Id(3)]
    public required int GraphVersion { get; init; }

    /// <summary>The node.</summary>
    [Id(4)]
    public required string NodeId { get; init; }

    /// <summary>The block of the node.</summary>
    [Id(5)]
    public required string BlockId { get; init; }

    /// <summary>The number of the attempt, from 1.</summary>
    [Id(6)]
    public required int Attempt { get; init; }

    /// <summary>The resolved input, a JSON object.</summary>
    [Id(7)]
    public required JsonPayload Input { get; init; }

    /// <summary>The price of the block in credits; of a price that is settled when the block has ended, its maximum.</summary>
    [Id(8)]
    public long Price { get; init; }

    /// <summary>The fee in credits for every 100th node execution of the user; 0 for the others.</summary>
    [Id(9)]
    public long Fee { get; init; }

    /// <summary>The user's IANA time zone.</summary>
    [Id(10)]
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>True when the message may have been sent before. The node then first checks with its run that the attempt is not stale.</summary>
    [Id(11)]
    public bool Repeated { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) of the run, or null.</summary>
    [Id(12)]
    public string? TraceParent { get; init; }

    /// <summary>
    /// The epoch of the session that dispatched the attempt. When a dispatch never became durable, a later session may dispatch the same attempt again with a greater epoch.
    /// </summary>
    [Id(13)]
    public long Epoch { get; init; }

    /// <summary>The budget that the price and the fee count against; null for none.</summary>
    [Id(14)]
    public RunBudget? Budget { get; init; }

    /// <summary>True when the block asks a person before it goes on (contract: semantics 2.12).</summary>
    [Id(15)]
    public bool AsksForReview { get; init; }

    /// <summary>True in a dry run, where a block that does more than to compute is answered from its schema (decision 36).</summary>
    [Id(16)]
    public bool IsDryRun { get; init; }

    /// <summary>The nodes that the block may call as tools, JSON; null for blocks that choose none.</summary>
    [Id(17)]
    public JsonPayload? Tools { get; init; }
}
