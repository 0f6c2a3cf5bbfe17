using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Hosting;

/// <summary>
/// Asks the supervisors of all shards to look, at an interval and when the membership of the cluster changes, and the runs of this silo to look at their nodes when it
/// changes (DESIGN section 5 "Failure"). It is a timer of the host: grains that stopped working cannot stop it.
/// </summary>
public sealed partial class RunSupervision(
    IGrainFactory grains, IClusterMembershipService membership, SiloIdentity silo, ExecutionMetrics metrics, IOptions<GrainflowOptions> options, IHostApplicationLifetime lifetime,
    TimeProvider clock, ILogger<RunSupervision> logger) : BackgroundService
{
    private const int MaxParallelCalls = 16;

    private readonly int[] _unresumed = new int[RunSupervisionStore.Shards];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SuperviseAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task SuperviseAsync(CancellationToken stoppingToken)
    {
        await lifetime.WhenStartedAsync(stoppingToken);

        using var changed = new SemaphoreSlim(0);
        var watching = WatchAsync(changed, stoppingToken);
        var anchored = false;
        // Silos take turns: each has its own place in the interval, and a shard that somebody has just looked at answers at once.
        var wait = options.Value.SupervisionInterval * ((uint)silo.Address.GetConsistentHashCode() % 100 / 100.0);
        while (!stoppingToken.IsCancellationRequested)
        {
            var change = await IsChangedAsync(changed, wait, stoppingToken);
            wait = options.Value.SupervisionInterval;
            if (change) await LookAtOwnRunsAsync(stoppingToken);
            await ForEachShardAsync(async (shard, supervisor) => _unresumed[shard] = await LookAsync(supervisor, change, resumed: null), stoppingToken);
            metrics.SetUnresumedRuns(_unresumed.Sum());
            if (!anchored) anchored = await ForEachShardAsync((_, supervisor) => supervisor.Anchor(), stoppingToken);
        }

        await watching;
    }

    /// <summary>Asks a supervisor to look at all of its shard.</summary>
    /// <returns>How many runs could not be resumed.</returns>
    internal static async Task<int> LookAsync(IRunSupervisorGrain supervisor, bool now, List<Guid>? resumed)
    {
        while (true)
        {
            var result = await supervisor.Look(now);
            resumed?.AddRange(result.Resumed);
            if (!result.More) return result.Unresumed;
            now = true;
        }
    }

    /// <summary>Waits for the end of the interval or for a change of the membership. True for a change.</summary>
    private async Task<bool> IsChangedAsync(SemaphoreSlim changed, TimeSpan interval, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var change = changed.WaitAsync(ended.Token);
        await Task.WhenAny(change, Task.Delay(interval, clock, ended.Token));
        await ended.CancelAsync();
        await ((Task)change).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return change.IsCompletedSuccessfully;
    }

    /// <summary>Signals each change of the set of silos that are not dead.</summary>
    private async Task WatchAsync(SemaphoreSlim changed, CancellationToken cancellationToken)
    {
        var before = new HashSet<SiloAddress>();
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(cancellationToken))
            {
                var living = snapshot.Members.Values.Where(member => member.Status != SiloStatus.Dead).Select(member => member.SiloAddress).ToHashSet();
                if (!before.IsSubsetOf(living)) changed.Release();
                before = living;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task LookAtOwnRunsAsync(CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        metrics.ActiveRuns,
        new ParallelOptions { MaxDegreeOfParallelism = MaxParallelCalls, CancellationToken = cancellationToken },
        async (runId, _) => await TryAsync(() => grains.GetGrain<IGraphExecutionGrain>(runId).Resume(), "run", runId.ToString()));

    private async Task<bool> ForEachShardAsync(Func<int, IRunSupervisorGrain, Task> call, CancellationToken cancellationToken)
    {
        var failed = false;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, RunSupervisionStore.Shards),
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelCalls, CancellationToken = cancellationToken },
            async (shard, _) =>
            {
                if (!await TryAsync(() => call(shard, grains.GetGrain<IRunSupervisorGrain>(shard)), "supervisor", shard.ToString(System.Globalization.CultureInfo.InvariantCulture))) failed = true;
            });
        return !failed;
    }

    private async Task<bool> TryAsync(Func<Task> call, string what, string name)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception exception)
        {
            if (!lifetime.ApplicationStopping.IsCancellationRequested) NotAsked(exception, what, name);
            return false;
        }
    }

    [LoggerMessage(1412, LogLevel.Warning, "The {What} {Name} could not be asked to look for overdue work; it is asked again after the interval of the supervision.")]
    private partial void NotAsked(Exception exception, string what, string name);
}
