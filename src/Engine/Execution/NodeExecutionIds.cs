using System.Buffers.Binary;

namespace Grainflow.Engine.Execution;

/// <summary>
/// Derives the ids of node executions from the random id of the run and a counter, in the form of UUID version 4
/// (contract: semantics 0). A run that is rebuilt from its log therefore has the same ids.
/// </summary>
public static class NodeExecutionIds
{
    /// <summary>The id of the n-th node execution of a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="ordinal">0 or more.</param>
    public static Guid Derive(Guid runId, int ordinal)
    {
        Span<byte> seed = stackalloc byte[20];
        runId.TryWriteBytes(seed, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(seed[16..], ordinal);
        return DerivedIds.Of(seed);
    }

    /// <summary>The id of a tool that a node execution runs in its place. All attempts have the same ids.</summary>
    /// <param name="nodeExecutionId">The node execution that calls the tool.</param>
    /// <param name="call">The number of the call, from 1.</param>
    public static Guid Tool(Guid nodeExecutionId, int call)
    {
        Span<byte> seed = stackalloc byte[21];
        nodeExecutionId.TryWriteBytes(seed, bigEndian: true, out _);
        seed[16] = (byte)'t';
        BinaryPrimitives.WriteInt32BigEndian(seed[17..], call);
        return DerivedIds.Of(seed);
    }

    /// <summary>The id of the sub-agent's run that a node execution starts. All attempts start the same run.</summary>
    /// <param name="nodeExecutionId">The node execution of the Agent node.</param>
    public static Guid ChildRun(Guid nodeExecutionId)
    {
        Span<byte> seed = stackalloc byte[17];
        nodeExecutionId.TryWriteBytes(seed, bigEndian: true, out _);
        seed[16] = (byte)'c';
        return DerivedIds.Of(seed);
    }
}
