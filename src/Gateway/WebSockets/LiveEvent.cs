using Grainflow.Engine.Execution;

namespace Grainflow.Gateway.WebSockets;

/// <summary>An event of a run for clients. It shows the projection's state, so it must be written before the next fact is applied.</summary>
/// <param name="Sequence">Its number among the events of the run, from 1, without gaps; a pure function of the log.</param>
/// <param name="LogSequence">The fact in the log that it follows from; 0 for the run as it was stored.</param>
/// <param name="Node">The node execution it shows, or null for the run itself.</param>
internal readonly record struct LiveEvent(long Sequence, long LogSequence, NodeExecution? Node)
{
    /// <summary>The method of its message.</summary>
    public string Method => Node is null ? "graph_execution_event" : "node_execution_event";
}
