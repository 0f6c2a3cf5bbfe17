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

    /// <summary>Cancels the attempt under way, which then reports TERMINATED to its run.</summary>
    [Alias("Cancel"), AlwaysInterleave]
    Task Cancel();

    /// <summary>Receives the hint that the sub-agent of this node has progressed. The hint may be lost.</summary>
    [Alias("ChildProgressed"), AlwaysInterleave]
    Task ChildProgressed();
}
