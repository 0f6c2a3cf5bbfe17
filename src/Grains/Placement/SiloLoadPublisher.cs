using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Placement;

/// <summary>
/// Publishes the load of this silo to the others every second, and at once when it begins to drain, and reads theirs. A silo that is alone does not publish.
/// </summary>
internal sealed partial class SiloLoadPublisher(SiloLoads loads, Draining draining, IGrainFactory grains, ISiloStatusOracle silos, ILogger<SiloLoadPublisher> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SiloLoadPublisher), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <summary>Publishes once and reads what the other silos have published. Does nothing on a silo that is alone. Does not throw.</summary>
    public async Task PublishAsync()
    {
        if (silos.GetApproximateSiloStatuses(onlyActive: true).Count < 2)
        {
            loads.Update([]);
            return;
        }

        try
        {
            loads.Update(await grains.GetGrain<ISiloLoadsGrain>(0).Publish(loads.Own));
        }
        catch (Exception exception)
        {
            // What was read before is used until the next attempt.
            if (!_stopping.IsCancellationRequested) NotPublished(exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        using (ExecutionContext.SuppressFlow()) _loop = Task.Run(PublishRegularlyAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loop;
    }

    private async Task PublishRegularlyAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        await using var drain = draining.Begun.Register(() => _ = PublishAsync());
        try
        {
            do await PublishAsync();
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    [LoggerMessage(1451, LogLevel.Debug, "The load of this silo could not be published; nodes are placed by what was known before.")]
    private partial void NotPublished(Exception exception);
}
