namespace Grainflow.Storage.Execution;

/// <summary>The end of a run's log: what a writer compares and swaps.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">How often the run was opened; only the writer that holds the newest epoch can append.</param>
/// <param name="LastSequence">The sequence of the last event, 0 for an empty log.</param>
/// <param name="Status">The run's status.</param>
public sealed record RunHead(Guid RunId, long Epoch, long LastSequence, string Status)
{
    /// <summary>True when the status is final, so that nothing can be appended any more.</summary>
    public bool IsClosed => RunStatus.IsTerminal(Status);
}
