using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Graphs;

/// <summary>
/// Stops the runs of deleted graphs, beside the call that deletes: thousands of them take longer than a call may. Nothing is lost with the
/// process, because a run whose graph is deleted is stopped when it is resumed (<see cref="IGraphExecutionGrain.Resume"/>).
/// </summary>
/// <param name="graphs">The graphs.</param>
/// <param name="runs">The runs.</param>
/// <param name="grains">The grains of the runs.</param>
/// <param name="calls">Repeats a stop whose outcome is not known.</param>
/// <param name="lifetime">Ends the stopping with the process.</param>
/// <param name="logger">Hears of runs that could not be stopped.</param>
internal sealed partial class DeletedGraphs(
    IGraphStore graphs, IRunStore runs, IGrainFactory grains, GrainCallRetry calls, IHostApplicationLifetime lifetime, ILogger<DeletedGraphs> logger)
{
    /// <summary>How many runs are stopped at once: each reads its log and writes a commit.</summary>
    internal const int AtOnce = 32;

    /// <summary>Begins to stop the unfinished runs of a graph that is marked as deleted, and returns at once. Never throws.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="userId">Its owner.</param>
    public void StopRuns(Guid graphId, string userId)
    {
        // Without the scheduler and the trace of the grain that calls.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => StopRunsAsync(graphId, userId, lifetime.ApplicationStopping));
    }

    private async Task StopRunsAsync(Guid graphId, string userId, CancellationToken stopping)
    {
        try
        {
            // One reading finds all of them: none can be started since the graph is marked.
            var unfinished = await calls.BoundedAsync(() => runs.UnfinishedOfGraphAsync(userId, graphId, stopping), stopping);
            await Parallel.ForEachAsync(
                unfinished,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping },
                async (run, token) => await StopAsync(run, userId, token));
            await graphs.CollectDeletedAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            RunsLeft(graphId);
        }
        catch (Exception exception)
        {
            CouldNotStopRuns(exception, graphId);
        }
    }

    private async Task StopAsync(Guid runId, string userId, CancellationToken stopping)
    {
        try
        {
            await calls.BoundedAsync(() => grains.GetGrain<IGraphExecutionGrain>(runId).Stop(userId), stopping);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The others are stopped all the same.
            CouldNotStop(exception, runId);
        }
    }

    [LoggerMessage(1401, LogLevel.Error, "Run {RunId}, whose graph was deleted, could not be stopped; it is stopped when it is resumed.")]
    private partial void CouldNotStop(Exception exception, Guid runId);

    [LoggerMessage(1402, LogLevel.Error, "The runs of graph {GraphId}, which was deleted, could not be stopped; each is stopped when it is resumed.")]
    private partial void CouldNotStopRuns(Exception exception, Guid graphId);

    [LoggerMessage(1403, LogLevel.Information, "The process stops while runs of graph {GraphId}, which was deleted, are being stopped; the next start stops the rest.")]
    private partial void RunsLeft(Guid graphId);
}
