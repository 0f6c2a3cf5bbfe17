using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IRunSupervisorGrain"/>
/// <remarks>
/// The rows are the record of which runs there are; only the times of failed attempts are kept here, and they may be lost. Reentrant, so that callers share a look that is
/// under way.
/// </remarks>
[Reentrant]
internal sealed partial class RunSupervisorGrain(
    IRunSupervisionStore store, ISiloLiveness liveness, IOptions<GrainflowOptions> options, TimeProvider clock, ILogger<RunSupervisorGrain> logger)
    : Grain, IRunSupervisorGrain, IRemindable
{
    private const string Reminder = "look";
    private const int PageSize = 64;
    private const int MaxParallelCalls = 16;

    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly SupervisionResult Nothing = new() { Resumed = [], Unresumed = 0, More = false };

    /// <summary>When a run that was asked to go on is asked again, and how often in a row that has failed.</summary>
    private readonly Dictionary<Guid, (DateTimeOffset At, int Failures)> _next = [];

    private Task<SupervisionResult>? _looking;
    private SupervisionResult _last = Nothing;
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;
    private Guid _after;

    private int Shard => (int)this.GetPrimaryKeyLong();

    /// <inheritdoc/>
    public async Task<SupervisionResult> Look(bool now)
    {
        // The caller has seen a silo die. Where the notice of that is late or lost, the runs of the silo would count as running until this silo reads the table in turn.
        if (now) await liveness.RefreshAsync(CancellationToken.None);
        if (_looking is { } looking)
        {
            if (!now) return await looking;
            // It may have read the rows before the change that the caller knows of.
            await ((Task)looking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        if (!now && clock.GetUtcNow() - _lookedAt < options.Value.SupervisionInterval / 2) return _last with { Resumed = [] };
        return await (_looking ??= LookAndRememberAsync());
    }

    /// <inheritdoc/>
    public Task Anchor() => this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);

    /// <inheritdoc/>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        while ((await Look(now: false)).More)
        {
            // The rest of the shard.
        }
    }

    private async Task<SupervisionResult> LookAndRememberAsync()
    {
        // A look that ends without a wait would otherwise be assigned after it has cleared the field.
        await Task.Yield();
        try
        {
            return _last = await LookAsync();
        }
        finally
        {
            _lookedAt = clock.GetUtcNow();
            _looking = null;
        }
    }

    private async Task<SupervisionResult> LookAsync()
    {
        var living = liveness.FindActive().Select(silo => silo.Name).ToList();
        var unmoved = options.Value.UnmovedAfter;
        if (_after == Guid.Empty) await WakeQueuesAsync(await store.FindQueuedUsersAsync(Shard, unmoved, CancellationToken.None));

        var page = await store.FindOverdueAsync(new OverdueRunsPage(Shard, living, unmoved, _after, PageSize), CancellationToken.None);
        var gone = await liveness.FindGoneAsync(page.Select(run => run.Host ?? ""), CancellationToken.None);
        var now = clock.GetUtcNow();
        var due = page.Where(run => (run.IsUnmoved || gone.Contains(run.Host ?? "")) && (!_next.TryGetValue(run.Id, out var next) || next.At <= now)).ToList();
        var resumed = await ResumeAsync(due);

        var more = page.Count == PageSize;
        _after = more ? page[^1].Id : Guid.Empty;
        foreach (var (run, _) in _next.Where(item => item.Value.At + LongestPause < now).ToList()) _next.Remove(run);
        return new SupervisionResult
        {
            Resumed = [.. resumed.Where(run => gone.Contains(run.Host ?? "")).Select(run => run.Id)],
            Unresumed = _next.Values.Count(item => item.Failures > 0),
            More = more,
        };
    }

    private async Task<IReadOnlyList<OverdueRun>> ResumeAsync(IReadOnlyList<OverdueRun> due)
    {
        var resumed = new List<OverdueRun>();
        foreach (var group in due.Chunk(MaxParallelCalls))
        {
            await Task.WhenAll(group.Select(async run =>
            {
                try
                {
                    await GrainFactory.GetGrain<IGraphExecutionGrain>(run.Id).Resume();
                    // A run that waits for the world outside does not move either; it is asked again only after the same time.
                    _next[run.Id] = (clock.GetUtcNow() + options.Value.UnmovedAfter, 0);
                    resumed.Add(run);
                }
                catch (Exception exception)
                {
                    var failures = _next.GetValueOrDefault(run.Id).Failures + 1;
                    _next[run.Id] = (clock.GetUtcNow() + PauseAfter(failures), failures);
                    NotResumed(exception, run.Id, failures);
                }
            }));
        }

        return resumed;
    }

    private async Task WakeQueuesAsync(IReadOnlyList<string> users)
    {
        foreach (var group in users.Chunk(MaxParallelCalls))
        {
            await Task.WhenAll(group.Select(async user =>
            {
                try
                {
                    await GrainFactory.GetGrain<IExecutionQueueGrain>(user).Look();
                }
                catch (Exception exception)
                {
                    QueueNotWoken(exception, Shard);
                }
            }));
        }
    }

    private TimeSpan PauseAfter(int failures)
    {
        var pause = options.Value.SupervisionInterval * Math.Pow(2, Math.Min(failures - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    [LoggerMessage(1410, LogLevel.Warning, "Run {RunId} could not be resumed ({Failures} times in a row); it is tried again later.")]
    private partial void NotResumed(Exception exception, Guid runId, int failures);

    [LoggerMessage(1411, LogLevel.Warning, "A queue with waiting runs of shard {Shard} could not be asked to look at them; it is asked again at the next look.")]
    private partial void QueueNotWoken(Exception exception, int shard);
}
