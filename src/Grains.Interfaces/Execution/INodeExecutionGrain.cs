using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>One node execution; the key is its id. It charges for the node, runs the block and reports to the run.</summary>
[Alias("grainflow.INodeExecutionGrain")]
public interface INodeExecutionGrain : IGrainWithGuidKey
{
    /// <summary>Starts an attempt and returns at once. Does nothing when the same or a newer attempt is under way.</summary>
    /// <param name="work">The attempt.</param>
    [Alias("Start")]
    Task Start(NodeWork work);

    /// <summary>Looks for an attempt in the silo of the grain.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancel">Whether to cancel it if it is under way; it then reports TERMINATED to its run.</param>
    /// <returns>False when it is not under way there.</returns>
    [Alias("Find"), AlwaysInterleave]
    Task<bool> Find(AttemptKey attempt, bool cancel);

    /// <summary>Receives the hint that the sub-agent of this node has progressed. The hint may be lost.</summary>
    [Alias("ChildProgressed"), AlwaysInterleave]
    Task ChildProgressed();
}
