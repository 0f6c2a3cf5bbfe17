using Grainflow.Grains.Monitoring;
using Grainflow.Storage.RunFiles;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Silo.RunFiles;

/// <summary>
/// Deletes files that have expired, and contents outside of the database that no row names any more: those that were replaced, those of collected graphs, and
/// those whose process ended between writing and saving. Deleting twice is harmless.
/// </summary>
/// <param name="store">The rows.</param>
/// <param name="places">The places outside of the database.</param>
/// <param name="clock">The time.</param>
internal sealed class RunFileSweeper(IRunFileStore store, IReadOnlyList<ILargeFiles> places, TimeProvider clock) : IExpiredFiles
{
    private const int Batch = 100;

    /// <inheritdoc/>
    public async Task<int> DeleteAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        int expired;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            expired = await store.DeleteExpiredAsync(clock.GetUtcNow(), Batch, cancellationToken);
            deleted += expired;
        }
        while (expired == Batch);

        foreach (var place in places)
        {
            IReadOnlyList<Guid> due;
            do
            {
                due = await store.RemovableAsync(place.Place, clock.GetUtcNow(), Batch, cancellationToken);
                foreach (var contentId in due) await place.DeleteAsync(contentId, cancellationToken);
                if (due.Count > 0) await store.RemovedAsync(due, cancellationToken);
            }
            while (due.Count == Batch);
        }

        return deleted;
    }
}

/// <summary>
/// Has files deleted in a process that runs one agent, once at its start and then at an interval: who never starts a server would keep them for ever. A server does the same as
/// the task <c>cleanup_expired_files</c>.
/// </summary>
/// <param name="sweeper">Deletes them.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">For what failed.</param>
internal sealed partial class RunFileSweeping(RunFileSweeper sweeper, TimeProvider clock, ILogger<RunFileSweeping> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                try
                {
                    await sweeper.DeleteAsync(stoppingToken);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    CouldNotSweep(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops; what is due is deleted by another process or at the next start.
        }
    }

    [LoggerMessage(2200, LogLevel.Warning, "Files of runs that are due for deletion could not be deleted; the next try is in ten minutes.")]
    private partial void CouldNotSweep(Exception exception);
}
