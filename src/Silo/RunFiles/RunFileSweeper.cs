using Grainflow.Storage.RunFiles;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Silo.RunFiles;

/// <summary>
/// Deletes files that have expired, and contents outside of the database that no row names any more: those that were replaced, those of collected graphs, and
/// those whose process ended between writing and saving. Every process of a cluster does this; deleting twice is harmless.
/// </summary>
/// <param name="store">The rows.</param>
/// <param name="places">The places outside of the database.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">For what failed.</param>
internal sealed partial class RunFileSweeper(IRunFileStore store, IReadOnlyList<ILargeFiles> places, TimeProvider clock, ILogger<RunFileSweeper> logger) : BackgroundService
{
    /// <summary>The time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private const int Batch = 100;

    /// <summary>Deletes all that is due.</summary>
    /// <param name="cancellationToken">Stops before the next one.</param>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        while (await store.DeleteExpiredAsync(clock.GetUtcNow(), Batch, cancellationToken) == Batch) cancellationToken.ThrowIfCancellationRequested();
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
    }

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
                    await SweepAsync(stoppingToken);
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
