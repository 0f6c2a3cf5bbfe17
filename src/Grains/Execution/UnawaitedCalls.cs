using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Execution;

/// <summary>Logs failures of grain calls that a run does not await. Those that matter are repeated by the regular check of the run.</summary>
internal sealed partial class UnawaitedCalls(Guid runId, ILogger logger)
{
    /// <summary>Logs the exception of a call if it fails.</summary>
    public void LogFailure(Task call) => _ = call.ContinueWith(
        task => CallFailed(task.Exception!.GetBaseException(), runId),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Current);

    [LoggerMessage(1101, LogLevel.Warning, "A grain call of run {RunId} failed; if it is needed, the regular check of the run repeats it.")]
    private partial void CallFailed(Exception exception, Guid runId);
}
