using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>A report of a node execution to its run.</summary>
/// <param name="NodeExecutionId">The node execution.</param>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="FirstOrdinal">The ordinal of the first output among all outputs of the attempt, from 0.</param>
/// <param name="Outputs">The outputs in order; may be empty.</param>
/// <param name="End">How the node execution ended, or null while it goes on.</param>
public sealed record NodeReport(
    Guid NodeExecutionId, int Attempt, int FirstOrdinal, IReadOnlyList<(string Pin, JsonElement Value)> Outputs, NodeEnd? End)
{
    /// <summary>The epoch of the session that dispatched the attempt (<see cref="RunOwner.Epoch"/>).</summary>
    public long Epoch { get; init; }

    /// <summary>True when the process of the node is shutting down and does not finish the attempt. <see cref="End"/> is null then.</summary>
    public bool Interrupted { get; init; }
}
