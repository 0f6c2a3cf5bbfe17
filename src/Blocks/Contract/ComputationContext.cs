namespace Grainflow.Blocks.Contract;

/// <summary>
/// The part of its run that a block which only computes may read. No member lets a block read or change anything outside of its
/// run, so the compiler ensures that such a block may run before its dispatch is durable, and again after a crash (ADR 0014).
/// </summary>
public sealed class ComputationContext
{
    /// <summary>The id of the user who runs the graph.</summary>
    public required string UserId { get; init; }

    /// <summary>The id of the graph that runs; empty when the block is executed by itself.</summary>
    public required string GraphId { get; init; }

    /// <summary>The version of that graph, 1 or more.</summary>
    public int GraphVersion { get; init; } = 1;

    /// <summary>The id of the graph execution.</summary>
    public required string RunId { get; init; }

    /// <summary>The id of the node that runs the block; empty when the block is executed by itself.</summary>
    public required string NodeId { get; init; }

    /// <summary>The id of the node execution, which all its attempts share.</summary>
    public required string NodeExecutionId { get; init; }

    /// <summary>The clock. Blocks do not read the wall clock, so that scenarios and tests can set the time.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The user's IANA time zone, <c>UTC</c> when the user has set none.</summary>
    public string UserTimeZone { get; init; } = "UTC";
}
