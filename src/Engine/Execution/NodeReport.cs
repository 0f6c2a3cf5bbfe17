using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>What a node tells its run.</summary>
/// <param name="NodeExecutionId">Which node execution.</param>
/// <param name="Attempt">In which attempt.</param>
/// <param name="FirstOrdinal">The place of the first of the outputs among those of the attempt, from 0.</param>
/// <param name="Outputs">Outputs in order; may be none.</param>
/// <param name="End">How it ended, or null while it goes on.</param>
public sealed record NodeReport(
    Guid NodeExecutionId, int Attempt, int FirstOrdinal, IReadOnlyList<(string Pin, JsonElement Value)> Outputs, NodeEnd? End)
{
    /// <summary>The session that dispatched the attempt (<see cref="RunOwner.Epoch"/>).</summary>
    public long Epoch { get; init; }

    /// <summary>True when the process of the node stops in order and will not finish the attempt. <see cref="End"/> is null then.</summary>
    public bool Interrupted { get; init; }
}
