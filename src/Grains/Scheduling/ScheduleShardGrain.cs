using Grainflow.Engine.Scheduling;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Scheduling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Grainflow.Grains.Scheduling;

/// <inheritdoc cref="IScheduleShardGrain"/>
/// <remarks>
/// The rows are the record of what is due and what was claimed; this grain keeps nothing. What is due is decided by the rule, claimed in one statement, and started
/// after the claim is durable. Whoever dies in between leaves rows that the next tick starts.
/// </remarks>
[Reentrant]
internal sealed partial class ScheduleShardGrain(
    IScheduleStore store, ScheduleStarter starter, ScheduleClock scheduleClock, IOptions<SchedulerOptions> options, TimeProvider clock, ILogger<ScheduleShardGrain> logger)
    : Grain, IScheduleShardGrain, IRemindable
{
    private const string Reminder = "tick";
    private const int PageSize = 500;

    /// <summary>A tick that meets more pages than this leaves the rest to the next one.</summary>
    private const int MaxPages = 200;

    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(2);

    private Task<int>? _ticking;

    private int Shard => (int)this.GetPrimaryKeyLong();

    /// <inheritdoc/>
    public async Task<int> Tick()
    {
        // A tick that is under way may have read the rows before the caller's change, so its caller looks again after it.
        if (_ticking is { } ticking) await ((Task)ticking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return await (_ticking ??= TickAndForgetAsync());
    }

    /// <inheritdoc/>
    public async Task Wake(Guid scheduleId)
    {
        if (await store.WakeBufferedAsync(scheduleId, clock.GetUtcNow(), CancellationToken.None)) await Tick();
    }

    /// <inheritdoc/>
    public async Task Anchor()
    {
        await ApplyZoneRulesAsync();
        await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
    }

    /// <inheritdoc/>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        await ApplyZoneRulesAsync();
        await Tick();
        await store.PruneAsync(Shard, clock.GetUtcNow().AddDays(-options.Value.HistoryDays), options.Value.HistoryRows, CancellationToken.None);
    }

    private async Task<int> TickAndForgetAsync()
    {
        // A tick that ends without a wait would otherwise be assigned after it has cleared the field.
        await Task.Yield();
        try
        {
            var started = await StartWaitingAsync();
            for (var page = 0; page < MaxPages; page++)
            {
                var now = clock.GetUtcNow();
                var due = await store.DueAsync(Shard, now, PageSize, CancellationToken.None);
                if (due.Count > 0) started += await FireAsync(due, now);
                if (due.Count < PageSize) break;
            }

            return started;
        }
        finally
        {
            _ticking = null;
        }
    }

    private async Task<int> StartWaitingAsync()
    {
        var now = clock.GetUtcNow();
        var waiting = await store.WaitingAsync(Shard, now, PageSize, CancellationToken.None);
        if (waiting.Count == 0) return 0;
        var held = waiting.Where(item => item.Firing.State == FiringState.Buffered && item.OtherRuns.Count > 0).ToList();
        if (held.Count > 0) await store.UpdateFiringsAsync([.. held.Select(item => item.Firing with { WakeAt = now + options.Value.BufferInterval })], CancellationToken.None);
        return Started(await starter.StartAsync([.. waiting.Except(held)]));
    }

    private async Task<int> FireAsync(IReadOnlyList<DueSchedule> due, DateTimeOffset now)
    {
        var claims = new List<ScheduleClaim>();
        var firings = new List<WaitingFiring>();
        var history = new List<FiringRow>();
        var unfinished = new Dictionary<(string User, Guid Graph), int>();
        foreach (var item in due)
        {
            var row = item.Schedule;
            var key = (row.UserId, row.GraphId);
            if (!unfinished.TryGetValue(key, out var others)) others = item.UnfinishedOfGraph;
            ScheduleFacts facts;
            try
            {
                facts = scheduleClock.Read(row) with
                {
                    UnfinishedRuns = item.UnfinishedRuns.Count,
                    HasBuffered = item.HasBuffered,
                    FailuresInRow = item.FailuresInRow,
                    UnfinishedOfGraph = others,
                };
            }
            catch (Exception exception) when (exception is CronException or UnknownTimeZoneException)
            {
                CannotBeRead(exception, row.Id);
                await starter.DisableAsync(row, exception.Message);
                continue;
            }

            var decision = ScheduleRule.Decide(facts, now);
            claims.Add(new ScheduleClaim
            {
                Id = row.Id,
                Revision = row.Revision,
                DecidedTo = decision.DecidedTo,
                NextAt = decision.Next,
                DueAt = decision.Next is { } next ? ScheduleRule.DueAt(facts, next) : null,
                ZoneRules = scheduleClock.ZoneRules,
                Fired = decision.Fire,
                Disable = decision.Disable,
            });
            history.AddRange(decision.Skipped.Select(skipped => Skipped(row, skipped, now)));
            if (decision.Fire is not { } occurrence) continue;
            unfinished[key] = others + 1;
            var firing = Pending(row, occurrence, decision.Buffered, now);
            history.Add(firing);
            if (!decision.Buffered) firings.Add(new WaitingFiring(firing, row, item.UnfinishedRuns));
        }

        var written = await store.ClaimAsync(claims, history, CancellationToken.None);
        return Started(await starter.StartAsync([.. firings.Where(firing => written.Contains(firing.Firing.Id))]));
    }

    private FiringRow Pending(ScheduleRow row, DateTimeOffset occurrence, bool buffered, DateTimeOffset now) => new()
    {
        Id = ScheduleRule.RunOf(row.Id, occurrence),
        ScheduleId = row.Id,
        UserId = row.UserId,
        Occurrence = occurrence,
        LastOccurrence = occurrence,
        Trigger = FiringTrigger.Schedule,
        State = buffered ? FiringState.Buffered : FiringState.Pending,
        CreatedAt = now,
        WakeAt = now + (buffered ? options.Value.BufferInterval : options.Value.StartPatience),
    };

    private static FiringRow Skipped(ScheduleRow row, SkippedOccurrences skipped, DateTimeOffset now) => new()
    {
        Id = ScheduleRule.SkipOf(row.Id, skipped.First),
        ScheduleId = row.Id,
        UserId = row.UserId,
        Occurrence = skipped.First,
        LastOccurrence = skipped.Last,
        Occurrences = skipped.Count,
        Trigger = FiringTrigger.Schedule,
        State = FiringState.Skipped,
        Reason = skipped.Reason,
        CreatedAt = now,
    };

    private static int Started(IReadOnlyList<FiringRow> firings) => firings.Count(firing => firing.State == FiringState.Started);

    /// <summary>Computes the next occurrences again that were computed by other rules of time zones than those that hold now.</summary>
    private async Task ApplyZoneRulesAsync()
    {
        for (var page = 0; page < MaxPages; page++)
        {
            var stale = await store.OfOtherRulesAsync(Shard, scheduleClock.ZoneRules, PageSize, CancellationToken.None);
            if (stale.Count == 0) return;
            var claims = new List<ScheduleClaim>();
            foreach (var row in stale)
            {
                try
                {
                    var recomputed = scheduleClock.WithNext(row);
                    claims.Add(new ScheduleClaim
                    {
                        Id = row.Id,
                        Revision = row.Revision,
                        DecidedTo = row.DecidedTo,
                        ZoneRules = scheduleClock.ZoneRules,
                        NextAt = recomputed.NextAt,
                        DueAt = recomputed.DueAt,
                        Disable = recomputed.NextAt is null ? ScheduleRule.Done : null,
                    });
                }
                catch (Exception exception) when (exception is CronException or UnknownTimeZoneException)
                {
                    CannotBeRead(exception, row.Id);
                    await starter.DisableAsync(row, exception.Message);
                }
            }

            await store.ClaimAsync(claims, [], CancellationToken.None);
        }
    }

    [LoggerMessage(2405, LogLevel.Error, "Schedule {ScheduleId} cannot be computed and is disabled.")]
    private partial void CannotBeRead(Exception exception, Guid scheduleId);
}
