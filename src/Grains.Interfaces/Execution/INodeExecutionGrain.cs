using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>One node execution; the key is its id. Charges, runs the block, reports.</summary>
[Alias("grainflow.INodeExecutionGrain")]
public interface INodeExecutionGrain : IGrainWithGuidKey
{
    /// <summary>Starts an attempt and returns at once. Starting the same or an older attempt again changes nothing.</summary>
    /// <param name="work">What to run.</param>
    [Alias("Start")]
    Task Start(NodeWork work);

    /// <summary>Cancels the attempt under way; the run is told that it was terminated.</summary>
    [Alias("Cancel"), AlwaysInterleave]
    Task Cancel();

    /// <summary>A hint that the sub-agent this node runs has given something new; may be lost.</summary>
    [Alias("ChildProgressed"), AlwaysInterleave]
    Task ChildProgressed();
}
