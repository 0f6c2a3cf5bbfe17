namespace Grainflow.Engine.Execution;

/// <summary>The answer of a run to a report of a node.</summary>
/// <param name="Accepted">False when the report is stale: the node execution has ended, or another attempt has begun.</param>
/// <param name="NextOrdinal">The ordinal of the output to report next; after a gap, the first missing one.</param>
/// <param name="Events">The events to append to the log; empty when the report contains nothing new.</param>
public sealed record ReportOutcome(bool Accepted, int NextOrdinal, IReadOnlyList<RunEvent> Events)
{
    /// <summary>The answer to a stale report.</summary>
    public static readonly ReportOutcome Stale = new(Accepted: false, 0, []);
}
