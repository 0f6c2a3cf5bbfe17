using Grainflow.Storage.Execution;

namespace Grainflow.Silo.Running;

/// <summary>Unfinished runs of earlier processes, which go on beside the run of the command.</summary>
internal static class OtherRuns
{
    /// <summary>Waits for the end of each run. A run that cannot be followed is reported, and the next one is waited for.</summary>
    public static async Task EndAsync(IEnumerable<RunSummary> runs, ProgressPrinter progress, CancellationToken cancellationToken)
    {
        foreach (var run in runs.Where(run => run.ParentRunId is null))
        {
            try
            {
                await progress.EndAsync(run.Id, cancellationToken);
                progress.Say($"Run {run.Id}, which was interrupted, has ended.");
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                progress.Say($"Run {run.Id} was interrupted and cannot be followed: {exception.Message}");
            }
        }
    }
}
