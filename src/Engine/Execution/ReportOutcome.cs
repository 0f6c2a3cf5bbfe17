namespace Grainflow.Engine.Execution;

/// <summary>What a run says to a report of a node.</summary>
/// <param name="Accepted">False when the report is stale: the execution has ended, or another attempt has taken over.</param>
/// <param name="NextOrdinal">The output to report next; a gap is answered with the ordinal that is missing.</param>
/// <param name="Events">What to log; empty when the report said nothing new.</param>
public sealed record ReportOutcome(bool Accepted, int NextOrdinal, IReadOnlyList<RunEvent> Events)
{
    /// <summary>The answer to a report that no longer counts.</summary>
    public static readonly ReportOutcome Stale = new(Accepted: false, 0, []);
}
