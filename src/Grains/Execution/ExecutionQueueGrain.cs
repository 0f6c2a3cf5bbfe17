using System.Collections.Immutable;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Scheduling;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Scheduling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IExecutionQueueGrain"/>
/// <remarks>
/// The rows of the runs are the record of who runs and who waits; this grain only caches them. It reads them at activation, and at an interval while runs wait.
/// A run that it admits may still wait, as QUEUED, for a place on its silo (<see cref="RunSlots"/>); it counts as running here.
/// Runs that triggers of <c>/api/scheduler</c> have started are paced where the operator has set it (decision 24): so many at a time, and so many in a second.
/// </remarks>
[PreferLocalPlacement, StayingSilos]
internal sealed partial class ExecutionQueueGrain(
    IRunStore runs, IScheduleStore schedules, GrainCallRetry calls, IOptions<GrainflowOptions> options, IOptions<SchedulerOptions> scheduler, TimeProvider clock, ILogger<ExecutionQueueGrain> logger)
    : Grain, IExecutionQueueGrain
{
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(30);

    private readonly UserQueue _queue = new(options.Value.MaxConcurrentExecutionsPerUser, options.Value.MaxConcurrentGraphExecutionsPerUser, scheduler.Value.MaxTriggeredRunsPerUser);
    private readonly StartPace _pace = new(scheduler.Value.MaxTriggeredStartsPerSecond, clock);
    private readonly HashSet<Guid> _admitting = [];
    private IGrainTimer? _readTimer;
    private IGrainTimer? _paceTimer;
    private DateTimeOffset _readAt;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public Task Submit(Guid runId, Guid graphId)
    {
        Add(runId, graphId, isPaced: false);
        AdmitWaiting();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SubmitAll(ImmutableArray<QueuedRun> queued)
    {
        foreach (var run in queued) Add(run.RunId, run.GraphId, run.IsPaced);
        AdmitWaiting();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Ended(Guid runId)
    {
        _queue.Remove(runId);
        AdmitWaiting();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Look()
    {
        // Several shards of the supervisor may ask about runs of one user at the same time.
        if (clock.GetUtcNow() - _readAt >= options.Value.SupervisionInterval) await ReadAsync(CancellationToken.None);
        AdmitWaiting();
    }

    private void Add(Guid runId, Guid graphId, bool isPaced)
    {
        // A run that is submitted is queued. One that was admitted before has lost its admission with the silo that it was on.
        if (_queue.IsAdmitted(runId)) _ = AdmitAsync(runId);
        else _queue.AddWaiting(runId, graphId, isPaced);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        _readAt = clock.GetUtcNow();
        var active = await runs.ActiveOfUserAsync(this.GetPrimaryKeyString(), cancellationToken);
        var paced = await PacedAsync(active, cancellationToken);
        _queue.Clear();
        foreach (var run in active.Where(run => run.ParentRunId is null).OrderBy(run => run.CreatedAt))
        {
            if (ExecutionStatuses.Parse(run.Status) == ExecutionStatus.Running) _queue.AddAdmitted(run.Id, run.GraphId, paced.Contains(run.Id));
            else if (ExecutionStatuses.Parse(run.Status) == ExecutionStatus.Queued) _queue.AddWaiting(run.Id, run.GraphId, paced.Contains(run.Id));
        }
    }

    /// <summary>The runs that are paced. Where nothing limits them it does not matter which they are.</summary>
    private async Task<IReadOnlySet<Guid>> PacedAsync(IReadOnlyList<RunSummary> active, CancellationToken cancellationToken) =>
        active.Count == 0 || scheduler.Value is { MaxTriggeredRunsPerUser: 0, MaxTriggeredStartsPerSecond: 0 }
            ? new HashSet<Guid>()
            : await schedules.StartedFromAsync(ScheduleOrigin.Scheduler, [.. active.Select(run => run.Id)], cancellationToken);

    private void AdmitWaiting()
    {
        // Not awaited: a run may be waiting for a call to this grain, which would be a deadlock, and other runs need not wait for its first commit.
        while (_queue.TryAdmit(_pace.MayStart, out var run, out var isPaced))
        {
            if (isPaced) _pace.Started();
            _ = AdmitAsync(run);
        }

        StartOrStopReading();
        if (!_queue.HasPacedWaiting || _pace.Wait is not { Ticks: > 0 } wait) return;
        _paceTimer?.Dispose();
        _paceTimer = this.RegisterGrainTimer(
            _ =>
            {
                AdmitWaiting();
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan) { KeepAlive = true });
    }

    private async Task AdmitAsync(Guid run)
    {
        if (!_admitting.Add(run)) return;
        var grain = GrainFactory.GetGrain<IGraphExecutionGrain>(run);
        try
        {
            // A failed call may have admitted the run. It counts as running until a call is answered.
            await calls.ForEverAsync(
                async () =>
                {
                    await grain.Admit();
                    return true;
                },
                CancellationToken.None);
        }
        catch (Exception exception)
        {
            NotAdmitted(exception, run);
        }
        finally
        {
            _admitting.Remove(run);
        }
    }

    /// <summary>
    /// Reads the rows at an interval while runs wait. A run whose activation died after its end was committed has not called <see cref="Ended"/>; without a
    /// read the waiting runs would never start.
    /// </summary>
    private void StartOrStopReading()
    {
        if (!_queue.HasWaiting)
        {
            _readTimer?.Dispose();
            _readTimer = null;
        }
        else
        {
            _readTimer ??= this.RegisterGrainTimer(
                async token =>
                {
                    await ReadAsync(token);
                    AdmitWaiting();
                },
                new GrainTimerCreationOptions(ReadInterval, ReadInterval) { KeepAlive = true });
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "Run {RunId} could not be admitted; it stays in the queue.")]
    private partial void NotAdmitted(Exception exception, Guid runId);
}
