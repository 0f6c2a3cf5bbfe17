using System.Buffers.Binary;
using System.Collections.Concurrent;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Scheduling;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Users;
using Grainflow.Storage;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Scheduling;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Scheduling;

/// <summary>
/// Starts the runs of claimed firings, many at once: plans them, stores all runs in one statement, records the starts in another, and puts the runs into the queues of
/// their users. The id of a run is that of its firing, so a start that is repeated after a crash finds the run stored.
/// </summary>
internal sealed partial class ScheduleStarter(IScheduleStore schedules, RunFactory factory, GraphCache graphs, IRunStore runs, IGrainFactory grains, ScheduleNotices notices,
    NotificationLog notifications, RunCounter counter, TimeProvider clock, ILogger<ScheduleStarter> logger)
{
    /// <summary>How often a start is tried in all (contract: semantics 5.5, Retries).</summary>
    private const int MaxAttempts = 3;

    private const int MaxParallelCalls = 16;

    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    /// <summary>A start that takes longer is told to the operator (contract: semantics 5.2, Fire).</summary>
    private static readonly TimeSpan LongStart = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Runs that are stored and not in their queues yet, whether they were stored just now, and whether they are paced there.</summary>
    private readonly ConcurrentQueue<(NewRun Run, bool Created, bool IsPaced)> _stored = new();
    private int _starting;
    private long _queuedAt;

    /// <summary>Starts firings that are written as pending or buffered. Does not throw for a firing that cannot be started.</summary>
    /// <param name="firings">The firings, with the runs that are stopped first where the policy says so.</param>
    /// <returns>The firings as they are stored now.</returns>
    public async Task<IReadOnlyList<FiringRow>> StartAsync(IReadOnlyList<WaitingFiring> firings)
    {
        if (firings.Count == 0) return [];
        if (Interlocked.Increment(ref _starting) == 1) Volatile.Write(ref _queuedAt, clock.GetTimestamp());
        var begun = clock.GetTimestamp();
        try
        {
            return await StoreAndRecordAsync(firings);
        }
        finally
        {
            if (clock.GetElapsedTime(begun) is var taken && taken > LongStart) TookLong(Math.Round(taken.TotalSeconds, 1), firings.Count, firings[0].Schedule.Id);
            if (Interlocked.Decrement(ref _starting) == 0 || clock.GetElapsedTime(Volatile.Read(ref _queuedAt)) > LongestHold) await QueueAsync();
        }
    }

    private async Task<IReadOnlyList<FiringRow>> StoreAndRecordAsync(IReadOnlyList<WaitingFiring> firings)
    {
        var ended = new List<FiringRow>();
        var plans = new List<(WaitingFiring Firing, RunPlan Plan)>();
        foreach (var part in firings.Chunk(MaxParallelCalls))
            foreach (var (firing, plan, end) in await Task.WhenAll(part.Select(PlanAsync)))
            {
                if (plan is not null) plans.Add((firing, plan));
                else ended.Add(end!);
            }

        var created = await StoreAsync(plans);
        foreach (var (firing, plan) in plans)
        {
            ended.Add(created.GetValueOrDefault(plan.Row.Id) switch
            {
                null => Retried(firing.Firing, "its run could not be stored"),
                RunCreation.Full => firing.Firing with { State = FiringState.Skipped, Reason = ScheduleRule.QueueFull, WakeAt = null },
                RunCreation.GraphNotFound => await GraphGoneAsync(firing, factory.Gone(Command(firing.Schedule, JsonPayload.EmptyObject))),
                _ => firing.Firing with { State = FiringState.Started, StartedAt = clock.GetUtcNow(), WakeAt = null, Reason = null },
            });
        }

        await schedules.UpdateFiringsAsync(ended, CancellationToken.None);
        notices.Publish([.. plans.Where(item => created.GetValueOrDefault(item.Plan.Row.Id) == RunCreation.Created).Select(Notice)]);
        foreach (var (firing, plan) in plans)
            if (created.GetValueOrDefault(plan.Row.Id) is RunCreation.Created or RunCreation.Exists) _stored.Enqueue((plan.Row, created[plan.Row.Id] == RunCreation.Created, firing.Schedule.Origin == ScheduleOrigin.Scheduler));
        return ended;
    }

    /// <summary>What a schedule asks to be run.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="masks">The values of its credentials, by node.</param>
    public static StartRun Command(ScheduleRow schedule, JsonPayload masks) => new()
    {
        UserId = schedule.UserId,
        GraphId = schedule.GraphId,
        GraphVersion = schedule.GraphVersion == 0 ? null : schedule.GraphVersion,
        Inputs = JsonPayload.Wrap(schedule.Inputs.ToArray()),
        Masks = masks,
        CredentialInputs = JsonPayload.Wrap(schedule.Credentials.ToArray()),
    };

    /// <summary>Checks whether runs of a schedule could start.</summary>
    /// <param name="schedule">The schedule; with the version 0 for the highest of its graph.</param>
    /// <param name="fresh">False when what this process knows of the graph suffices, because whoever stores the schedule makes sure of it.</param>
    /// <returns>The version of the graph.</returns>
    /// <exception cref="GraphNotFoundException">The graph is not there, or belongs to another user.</exception>
    /// <exception cref="GraphValidationException">The graph cannot run as asked.</exception>
    public async Task<Graph> CheckAsync(ScheduleRow schedule, bool fresh)
    {
        int? asked = schedule.GraphVersion == 0 ? null : schedule.GraphVersion;
        var known = (fresh ? null : await graphs.LastKnownAsync(schedule.GraphId, asked, CancellationToken.None))
            ?? await graphs.FindAsync(schedule.GraphId, asked, CancellationToken.None)
            ?? throw factory.Gone(Command(schedule, JsonPayload.EmptyObject));
        schedule = schedule with { GraphVersion = known.Index.Graph.Version };
        return await factory.CheckAsync(Command(schedule, await MasksAsync(schedule)));
    }

    private async Task<RunPlan> PlanAsync(Guid runId, ScheduleRow schedule, bool byHand)
    {
        var origin = new RunSchedule(schedule.Id, schedule.Name, schedule.Policy.Overlap == ScheduleOverlap.BufferOne, byHand);
        return await factory.PlanAsync(runId, Command(schedule, await MasksAsync(schedule)), origin);
    }

    /// <summary>The credentials of a schedule, mapped to the nodes that take them.</summary>
    private async Task<JsonPayload> MasksAsync(ScheduleRow schedule)
    {
        if (schedule.Credentials.Length <= 2) return JsonPayload.EmptyObject;
        var mapped = await grains.GetGrain<IGraphGrain>(schedule.GraphId).MapCredentials(schedule.UserId, schedule.GraphVersion, JsonPayload.Wrap(schedule.Credentials.ToArray()));
        return mapped ?? throw factory.Gone(Command(schedule, JsonPayload.EmptyObject));
    }

    private (string UserId, ScheduleNotice Notice) Notice((WaitingFiring Firing, RunPlan Plan) started) => (started.Firing.Schedule.UserId, new ScheduleNotice
    {
        ScheduleId = started.Firing.Schedule.Id,
        ScheduleName = started.Firing.Schedule.Name,
        Agent = started.Plan.Run.Graph.Graph.Name,
        RunId = started.Plan.Row.Id,
        At = clock.GetUtcNow(),
    });

    private async Task<(WaitingFiring Firing, RunPlan? Plan, FiringRow? End)> PlanAsync(WaitingFiring waiting)
    {
        try
        {
            // Before the new run: it counts as the only one of its schedule from its first moment on.
            foreach (var other in waiting.OtherRuns.Where(_ => waiting.Schedule.Policy.Overlap == ScheduleOverlap.CancelOther))
                await grains.GetGrain<IGraphExecutionGrain>(other).Stop(waiting.Schedule.UserId);
            return (waiting, await PlanAsync(waiting.Firing.Id, waiting.Schedule, waiting.Firing.Trigger == FiringTrigger.Manual), null);
        }
        catch (GraphNotFoundException gone)
        {
            return (waiting, null, await GraphGoneAsync(waiting, gone));
        }
        catch (GraphValidationException invalid)
        {
            await DisableAsync(waiting.Schedule, invalid.Message);
            return (waiting, null, Failed(waiting.Firing, invalid.Message));
        }
        catch (Exception exception)
        {
            NotPlanned(exception, waiting.Schedule.Id);
            // The message may name servers of the operator; the owner of the schedule reads the reason.
            return (waiting, null, Retried(waiting.Firing, "its run could not be planned"));
        }
    }

    /// <summary>The run with the limit for firings of a schedule and triggers by hand (contract: decision 24). A backfill is a request for many runs, which queue.</summary>
    private static PlannedRun Planned((WaitingFiring Firing, RunPlan Plan) item) => new(item.Plan.Row, item.Plan.Nodes)
    {
        MostUnfinished = item.Firing.Firing.Trigger == FiringTrigger.Backfill ? null : ScheduleRule.MaxUnfinishedOfGraph,
    };

    private async Task<Dictionary<Guid, RunCreation?>> StoreAsync(List<(WaitingFiring Firing, RunPlan Plan)> plans)
    {
        try
        {
            var stored = await runs.CreateManyAsync([.. plans.Select(Planned)], CancellationToken.None);
            return stored.ToDictionary(item => item.Key, item => (RunCreation?)item.Value);
        }
        catch (Exception exception) when (plans.Count > 1 && StorageFaults.IsBadData(exception))
        {
            // One run that the database refuses must not keep the others from being stored.
            NotStored(exception, plans.Count);
            var half = plans.Count / 2;
            var stored = await StoreAsync(plans[..half]);
            foreach (var (run, creation) in await StoreAsync(plans[half..])) stored[run] = creation;
            return stored;
        }
        catch (Exception exception)
        {
            NotStored(exception, plans.Count);
            return [];
        }
    }

    /// <summary>
    /// Puts stored runs into their queues. While others are being stored they are held for five seconds at most: runs that begin take the time of those that are due as well and
    /// not stored yet.
    /// </summary>
    private async Task QueueAsync()
    {
        Volatile.Write(ref _queuedAt, clock.GetTimestamp());
        var stored = new List<(NewRun Run, bool Created, bool IsPaced)>();
        while (_stored.TryDequeue(out var item)) stored.Add(item);
        foreach (var user in stored.Where(item => item.Created).CountBy(item => item.Run.UserId, StringComparer.Ordinal)) counter.Started(user.Key, user.Value);
        foreach (var part in stored.GroupBy(item => item.Run.UserId, StringComparer.Ordinal).Chunk(MaxParallelCalls))
        {
            await Task.WhenAll(part.Select(async user =>
            {
                try
                {
                    var queue = grains.GetGrain<IExecutionQueueGrain>(user.Key);
                    // One that was stored before may have ended already; the queue reads that from its row.
                    if (user.Any(item => !item.Created)) await queue.Look();
                    var queued = user.Where(item => item.Created).Select(item => new QueuedRun { RunId = item.Run.Id, GraphId = item.Run.GraphId, IsPaced = item.IsPaced });
                    await queue.SubmitAll([.. queued]);
                }
                catch (Exception exception)
                {
                    // The runs are stored as queued, and the supervisor asks the queue to look at its rows.
                    NotQueued(exception);
                }
            }));
        }
    }

    /// <summary>Deletes all schedules of the user and graph, because the graph is gone, and writes down that their owner is told (contract: decision 16).</summary>
    private async Task<FiringRow> GraphGoneAsync(WaitingFiring waiting, GraphNotFoundException gone)
    {
        var count = 0;
        var written = await schedules.DeleteOfGraphAsync(
            waiting.Schedule.UserId,
            waiting.Schedule.GraphId,
            deleted =>
            {
                count = deleted.Count;
                return ScheduleEvents.GraphGone(waiting.Firing.Id, deleted, gone.Message, clock.GetUtcNow());
            },
            CancellationToken.None);
        if (written is not null)
        {
            SchedulesDeleted(count, waiting.Schedule.GraphId);
            notifications.Written(written, "Schedules were removed, because their graph is gone.", isWarning: false);
        }

        return Failed(waiting.Firing, gone.Message);
    }

    /// <summary>Disables a schedule that cannot run, unless its owner has changed it since it was read, and writes down that the owner is told (contract: decision 16).</summary>
    /// <param name="schedule">The schedule as it was read.</param>
    /// <param name="reason">Why, for the owner.</param>
    public async Task DisableAsync(ScheduleRow schedule, string reason)
    {
        for (var current = schedule; current is { Enabled: true } && current.UpdatedAt == schedule.UpdatedAt; current = await schedules.FindAsync(schedule.Id, CancellationToken.None))
        {
            var disabled = current with { Enabled = false, DisabledReason = reason, NextAt = null, DueAt = null };
            var notification = ScheduleEvents.CannotRun(current, reason, clock.GetUtcNow());
            // A claim of an occurrence has changed the row since it was read, and only the revision differs.
            if (!await schedules.UpdateAsync(disabled, notification, CancellationToken.None)) continue;
            Disabled(schedule.Id, reason);
            notifications.Written(notification, "A schedule was disabled, because it cannot run.", isWarning: false);
            return;
        }
    }

    private static FiringRow Failed(FiringRow firing, string reason) => firing with { State = FiringState.Failed, Reason = reason, WakeAt = null };

    private FiringRow Retried(FiringRow firing, string reason)
    {
        if (firing.Attempt >= MaxAttempts) return Failed(firing, $"{reason} ({MaxAttempts} attempts)");
        Span<byte> id = stackalloc byte[16];
        firing.Id.TryWriteBytes(id);
        // Firings of the same moment do not all come back in the same moment. The part of the delay that differs follows from the id.
        var spread = 0.5 + (BinaryPrimitives.ReadUInt16BigEndian(id) / (double)ushort.MaxValue);
        return firing with
        {
            State = FiringState.Pending,
            Attempt = firing.Attempt + 1,
            Reason = reason,
            WakeAt = clock.GetUtcNow() + (FirstRetryDelay * Math.Pow(2, firing.Attempt - 1) * spread),
        };
    }

    [LoggerMessage(2400, LogLevel.Warning, "The run of an occurrence of schedule {ScheduleId} could not be planned; it is tried again.")]
    private partial void NotPlanned(Exception exception, Guid scheduleId);

    [LoggerMessage(2401, LogLevel.Warning, "{Count} runs of schedules could not be stored together; they are tried in smaller numbers and again later.")]
    private partial void NotStored(Exception exception, int count);

    [LoggerMessage(2402, LogLevel.Warning, "Runs of schedules are stored and could not be put into their queue; the supervisor does that later.")]
    private partial void NotQueued(Exception exception);

    [LoggerMessage(2403, LogLevel.Warning, "{Count} schedules of graph {GraphId} were deleted, because the graph is gone.")]
    private partial void SchedulesDeleted(int count, Guid graphId);

    [LoggerMessage(2404, LogLevel.Warning, "Schedule {ScheduleId} was disabled: {Reason}")]
    private partial void Disabled(Guid scheduleId, string reason);

    [LoggerMessage(2406, LogLevel.Warning, "It took {Seconds} s to start {Count} runs of schedules; one of them is of schedule {ScheduleId}.")]
    private partial void TookLong(double seconds, int count, Guid scheduleId);
}
