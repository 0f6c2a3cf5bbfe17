using System.Collections.Immutable;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IExecutionQueueGrain"/>
/// <remarks>
/// The rows of the runs are the record of who runs and who waits; this grain only caches them. It reads them at activation, and at an interval while runs wait.
/// A run that it admits may still wait, as QUEUED, for a place on its silo (<see cref="RunSlots"/>); it counts as running here.
/// </remarks>
[PreferLocalPlacement, StayingSilos]
internal sealed partial class ExecutionQueueGrain(IRunStore runs, GrainCallRetry calls, IOptions<GrainflowOptions> options, TimeProvider clock, ILogger<ExecutionQueueGrain> logger)
    : Grain, IExecutionQueueGrain
{
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(30);

    private readonly UserQueue _queue = new(options.Value.MaxConcurrentExecutionsPerUser, options.Value.MaxConcurrentGraphExecutionsPerUser);
    private readonly HashSet<Guid> _admitting = [];
    private IGrainTimer? _readTimer;
    private DateTimeOffset _readAt;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public Task Submit(Guid runId, Guid graphId)
    {
        Add(runId, graphId);
        AdmitWaiting();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SubmitAll(ImmutableArray<QueuedRun> queued)
    {
        foreach (var run in queued) Add(run.RunId, run.GraphId);
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

    private void Add(Guid runId, Guid graphId)
    {
        // A run that is submitted is queued. One that was admitted before has lost its admission with the silo that it was on.
        if (_queue.IsAdmitted(runId)) _ = AdmitAsync(runId);
        else _queue.AddWaiting(runId, graphId);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        _readAt = clock.GetUtcNow();
        var active = await runs.ActiveOfUserAsync(this.GetPrimaryKeyString(), cancellationToken);
        _queue.Clear();
        foreach (var run in active.Where(run => run.ParentRunId is null).OrderBy(run => run.CreatedAt))
        {
            if (ExecutionStatuses.Parse(run.Status) == ExecutionStatus.Running) _queue.AddAdmitted(run.Id, run.GraphId);
            else if (ExecutionStatuses.Parse(run.Status) == ExecutionStatus.Queued) _queue.AddWaiting(run.Id, run.GraphId);
        }
    }

    private void AdmitWaiting()
    {
        // Not awaited: a run may be waiting for a call to this grain, which would be a deadlock, and other runs need not wait for its first commit.
        while (_queue.TryAdmit(out var run)) _ = AdmitAsync(run);
        StartOrStopReading();
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
