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

    /// <summary>Which start of the attempt reports; null for an effect-free node that runs beside its run.</summary>
    public AttemptStart? Start { get; init; }

    /// <summary>True when the attempt asks whether its block may start. It may when the report is accepted.</summary>
    public bool Begins { get; init; }

    /// <summary>True when the process of the node is shutting down and does not finish the attempt. <see cref="End"/> is null then.</summary>
    public bool Interrupted { get; init; }
}

/// <summary>The answer of a run to a report of a node.</summary>
/// <param name="Accepted">False when the report is stale: the node execution has ended, or another attempt or another start of this attempt has begun.</param>
/// <param name="NextOrdinal">The ordinal of the output to report next; after a gap, the first missing one.</param>
/// <param name="Events">The events to append to the log; empty when the report contains nothing new.</param>
public sealed record ReportOutcome(bool Accepted, int NextOrdinal, IReadOnlyList<RunEvent> Events)
{
    /// <summary>The answer to a stale report.</summary>
    public static readonly ReportOutcome Stale = new(Accepted: false, 0, []);
}
