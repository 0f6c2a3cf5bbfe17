using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Execution;

/// <summary>Grain calls of a run that nobody awaits. A failed call is repeated by the check of the run where it matters, so it is only logged.</summary>
internal sealed partial class UnawaitedCalls(Guid runId, ILogger logger)
{
    /// <summary>Logs the failure of a call when it fails.</summary>
    public void LogFailure(Task call) => _ = call.ContinueWith(
        task => CallFailed(task.Exception!.GetBaseException(), runId),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Current);

    [LoggerMessage(1101, LogLevel.Warning, "A call of run {RunId} failed; it is made again where it matters.")]
    private partial void CallFailed(Exception exception, Guid runId);
}
