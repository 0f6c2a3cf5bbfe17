using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Graphs;

/// <summary>
/// Stops the runs of deleted graphs in the background, because stopping thousands of them takes longer than a grain call may. When the process ends before all
/// are stopped, the next start stops the rest: a run whose graph is deleted is stopped when it is resumed (<see cref="IGraphExecutionGrain.Resume"/>).
/// </summary>
internal sealed partial class DeletedGraphs(
    IGraphStore graphs, IRunStore runs, IGrainFactory grains, GrainCallRetry calls, IHostApplicationLifetime lifetime, ILogger<DeletedGraphs> logger)
{
    /// <summary>How many runs are stopped at the same time; each reads its log and writes a commit.</summary>
    internal const int MaxParallelStops = 32;

    /// <summary>Begins to stop the unfinished runs of a graph that is marked as deleted, and returns at once. Failures are logged.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="userId">Its owner.</param>
    public void StopRuns(Guid graphId, string userId)
    {
        // Outside the scheduler and the trace of the calling grain.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => StopRunsAsync(graphId, userId, lifetime.ApplicationStopping));
    }

    private async Task StopRunsAsync(Guid graphId, string userId, CancellationToken stopping)
    {
        try
        {
            // One query finds all of them, because no run can start once the graph is marked as deleted.
            var unfinished = await calls.BoundedAsync(() => runs.UnfinishedOfGraphAsync(userId, graphId, stopping), stopping);
            await Parallel.ForEachAsync(
                unfinished,
                new ParallelOptions { MaxDegreeOfParallelism = MaxParallelStops, CancellationToken = stopping },
                async (run, token) => await StopAsync(run, userId, token));
            await graphs.CollectDeletedAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            StoppingInterrupted(graphId);
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
            // Does not end the loop: the other runs are still stopped.
            CouldNotStop(exception, runId);
        }
    }

    [LoggerMessage(1401, LogLevel.Error, "Run {RunId}, whose graph was deleted, could not be stopped; it is stopped when it is resumed.")]
    private partial void CouldNotStop(Exception exception, Guid runId);

    [LoggerMessage(1402, LogLevel.Error, "The runs of graph {GraphId}, which was deleted, could not be stopped; each is stopped when it is resumed.")]
    private partial void CouldNotStopRuns(Exception exception, Guid graphId);

    [LoggerMessage(1403, LogLevel.Information, "The process stops while runs of graph {GraphId}, which was deleted, are being stopped; the next start stops the rest.")]
    private partial void StoppingInterrupted(Guid graphId);
}
