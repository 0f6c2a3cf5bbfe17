using Grainflow.Storage.Execution;

namespace Grainflow.Silo.Running;

/// <summary>Runs that an earlier process left, and that go on beside what was asked for.</summary>
internal static class OtherRuns
{
    /// <summary>Waits for each. What goes wrong with one is said and does not hold up the others.</summary>
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
