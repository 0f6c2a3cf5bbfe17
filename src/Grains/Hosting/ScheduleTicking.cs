using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Hosting;

/// <summary>
/// Wakes the shards of schedules that have something to do, at the moment at which it is due. It is a timer of the host: grains that stopped working cannot stop it.
/// Every server has one; what two of them wake is started once.
/// </summary>
public sealed partial class ScheduleTicking(
    IScheduleStore schedules, IGrainFactory grains, Draining draining, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<ScheduleTicking> logger) : BackgroundService
{
    private const int MaxParallelCalls = 8;

    /// <summary>A schedule that was created a moment ago on another server is seen after this time.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WhenStartedAsync(stoppingToken);
            var anchored = false;
            while (!draining.IsDraining)
            {
                var wait = await TickAsync(stoppingToken);
                if (!anchored) anchored = await ForEachAsync(Enumerable.Range(0, ScheduleStore.Shards), shard => shard.Anchor(), stoppingToken);
                await Task.Delay(wait, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Wakes the shards that are due.</summary>
    /// <returns>The time until the next one is due, within bounds.</returns>
    private async Task<TimeSpan> TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            var due = await schedules.DueShardsAsync(cancellationToken);
            var now = clock.GetUtcNow();
            await ForEachAsync(due.Where(shard => shard.At <= now).Select(shard => shard.Shard), shard => shard.Tick(), cancellationToken);
            var next = due.Where(shard => shard.At > now).Select(shard => shard.At - now).DefaultIfEmpty(LongestWait).Min();
            return next > LongestWait ? LongestWait : next < ShortestWait ? ShortestWait : next;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            NotTicked(exception);
            return LongestWait;
        }
    }

    private async Task<bool> ForEachAsync(IEnumerable<int> shards, Func<IScheduleShardGrain, Task> call, CancellationToken cancellationToken)
    {
        var failed = false;
        await Parallel.ForEachAsync(
            shards,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelCalls, CancellationToken = cancellationToken },
            async (shard, _) =>
            {
                try
                {
                    await call(grains.GetGrain<IScheduleShardGrain>(shard));
                }
                catch (Exception exception)
                {
                    failed = true;
                    if (!lifetime.ApplicationStopping.IsCancellationRequested) ShardNotWoken(exception, shard);
                }
            });
        return !failed;
    }

    [LoggerMessage(2410, LogLevel.Warning, "It could not be read which schedules are due; it is tried again in a second.")]
    private partial void NotTicked(Exception exception);

    [LoggerMessage(2411, LogLevel.Warning, "Shard {Shard} of the schedules could not be woken; it is tried again in a second.")]
    private partial void ShardNotWoken(Exception exception, int shard);
}
