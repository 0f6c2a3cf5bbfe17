using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Reviews;
using Orleans.Concurrency;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IGraphExecutionGrain"/>
/// <remarks>
/// Routes each call to the parts of the run: <see cref="RunSessionHost"/> opens and drops the session, <see cref="RunRecorder"/> writes to the log and acts
/// on what is durable, <see cref="NodeDispatcher"/> sends nodes. Reentrant, so that the reports of many nodes share one commit.
/// </remarks>
[Reentrant, RunPlacement, StayingSilos]
internal sealed class GraphExecutionGrain : Grain, IGraphExecutionGrain, IRunActivation
{
    /// <summary>In how many sessions a stop is tried before the caller has to repeat it.</summary>
    private const int StopSessions = 3;

    private readonly RunServices _services;
    private readonly RunRecorder _recorder;
    private TaskScheduler? _turns;
    private IGraphExecutionGrain? _self;
    private volatile bool _deactivated;

    public GraphExecutionGrain(RunServices services)
    {
        _services = services;
        _recorder = new RunRecorder(this, services);
    }

    /// <inheritdoc/>
    public Guid RunId => this.GetPrimaryKey();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Made here because the threads of computed nodes cannot make a reference: Orleans allows it only in a turn of the activation.
        _self = this.AsReference<IGraphExecutionGrain>();
        _deactivated = true;
        // Orleans drops activations whose directory entry was on a silo that died, and a run leaves a silo that drains. Nobody would call such a run before the supervisor does.
        if (reason.ReasonCode == DeactivationReasonCode.DirectoryFailure || (_services.Draining.IsDraining && _services.Loads.OthersStay)) _recorder.ContinueElsewhere(_self);
        _recorder.EndChecks();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<StartRunResult> Start(StartRun command)
    {
        RunSession session;
        try
        {
            session = await _recorder.Sessions.BeginAsync(() => _services.Factory.CreateAsync(RunId, command));
        }
        catch (GraphValidationException exception)
        {
            DeactivateOnIdle();
            return new StartRunResult { Accepted = false, Problems = Problems.From(exception.Problems) };
        }

        if (session.Spec.UserId != command.UserId)
            return new StartRunResult { Accepted = false, Problems = Problems.Of($"Run #{RunId} not found.") };
        if (session.Run.Status == ExecutionStatus.Queued) _recorder.PublishProgress(session);
        await AdmitWhenQueuedAsync(session);
        return new StartRunResult { Accepted = true, Problems = [] };
    }

    /// <inheritdoc/>
    public Task Admit() =>
        // While the silo drains the run stays QUEUED; after the next start, or on another silo, it is submitted again.
        _services.Draining.IsDraining ? Task.CompletedTask : AdmitAsync();

    /// <inheritdoc/>
    public async Task Resume()
    {
        var wasOpen = _recorder.Sessions.IsOpen;
        if (await _recorder.Sessions.OpenAsync() is not { } session) return;
        // A sub-agent whose parent has ended has no node to report to. A run whose graph was deleted is stopped here if the process ended before it was.
        if ((session.Spec.ParentRunId is { } parent && await _services.Loader.HasEndedAsync(parent))
            || (!session.Run.Status.IsFinal() && await _services.Loader.IsGraphDeletedAsync(session)))
        {
            await Stop(session.Spec.UserId);
            return;
        }

        await GoOnWhenReviewedAsync(session);
        await AdmitWhenQueuedAsync(session);
        if (wasOpen) await _recorder.CheckAsync(session);
    }

    /// <inheritdoc/>
    public async Task<ReviewAnswer> Decide(DecideReviews command)
    {
        if (await _recorder.Sessions.OpenAsync() is not { } session || session.Spec.UserId != command.UserId) return new ReviewAnswer { Outcome = ReviewOutcome.NotFound };
        // Whoever reads the row may know of the pause a moment before the writer of the log has answered this run.
        if (session.Run.Status == ExecutionStatus.Review) await _recorder.DurableAsync(session);
        if (session.Durable.Status != ExecutionStatus.Review)
            return new ReviewAnswer { Outcome = ReviewOutcome.NotWaiting, Problem = $"The run is {session.Durable.Status.Name()} and does not wait for reviews." };

        var answer = await RunReviews.DecideAsync(_services.Reviews, RunId, command, _services.Clock.GetUtcNow());
        if (answer.Outcome != ReviewOutcome.Done) return answer;
        await GoOnWhenReviewedAsync(session);
        await AdmitWhenQueuedAsync(session);
        return answer;
    }

    /// <inheritdoc/>
    public Task<NodeReportAnswer> Report(NodeReportMessage report) => _recorder.RecordReportAsync(report);

    /// <inheritdoc/>
    public async Task<bool> Stop(string userId)
    {
        for (var left = StopSessions; ; left--)
        {
            if (await _recorder.Sessions.OpenAsync() is not { } session || session.Spec.UserId != userId) return false;
            try
            {
                if (session.Run.Status.IsFinal() || session.Run.IsStopping) await _recorder.DurableAsync(session);
                else await _recorder.RecordAsync(session, [RunRecorder.Applied(session, new RunEvent.StopRequested(_services.Clock.GetUtcNow(), ExecutionStatus.Terminated, null))]);
                // Also by a stop that is repeated after a crash. Until then the reviews are hidden, because their run has ended.
                if (session.Run.HasBeenReviewed) await _services.Reviews.CloseAsync(RunId, _services.Clock.GetUtcNow(), CancellationToken.None);
                return true;
            }
            catch (Exception exception) when (left > 1 && exception is RunSupersededException or RunRejectedException)
            {
                // The log refused another event of the same commit or before it, and the session was dropped with the stop: the next session records it.
            }
        }
    }

    /// <inheritdoc/>
    public async Task<RunState?> GetState(string userId)
    {
        if (await _recorder.Sessions.OpenAsync() is not { } session || session.Spec.UserId != userId) return null;
        var durable = session.Durable;
        return new RunState
        {
            Status = durable.Status.Name(),
            Error = durable.Error,
            Sequence = durable.Sequence,
            Stats = JsonPayload.Wrap(RunStatsJson.ToUtf8(durable.Stats, durable.Warnings)),
        };
    }

    /// <inheritdoc/>
    public async Task<ChildProgress> ReadProgress(long afterSequence)
    {
        var session = await _recorder.Sessions.RequireAsync();
        // The state is read before the outputs, so that an output committed in between is left for the next call and not lost.
        var durable = session.Durable;
        var outputs = await _services.Loader.OutputsAsync(session, afterSequence, durable.Sequence, CancellationToken.None);
        return new ChildProgress
        {
            Outputs = outputs,
            Sequence = durable.Sequence,
            Status = durable.Status.Name(),
            Error = durable.Error,
            Cost = durable.Stats.Cost,
            Steps = durable.Stats.NodeExecCount,
            Warnings = durable.WarningsForParent.Count > 0 ? JsonPayload.Wrap(durable.WarningsForParent.ToUtf8()) : null,
        };
    }

    IGrainTimer IRunActivation.StartTimer(Func<CancellationToken, Task> tick, TimeSpan every) =>
        this.RegisterGrainTimer(tick, new GrainTimerCreationOptions(every, every) { KeepAlive = true, Interleave = true });

    Task<NodeReportAnswer> IRunActivation.ReportFromThreadAsync(NodeReportMessage report) => _deactivated
        ? _self!.Report(report)
        : Task.Factory.StartNew(() => Report(report), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns!).Unwrap();

    void IRunActivation.Deactivate() => DeactivateOnIdle();

    private async Task AdmitAsync()
    {
        var session = await _recorder.Sessions.RequireAsync();
        // Without a free place on this silo the run stays QUEUED, and the silo calls Admit when it is this run's turn.
        if (session is { Run.Status: ExecutionStatus.Queued, Spec.ParentRunId: null } && !_services.Slots.TryTake(RunId, session.Spec.UserId, this)) return;
        var balance = session.Run.Status == ExecutionStatus.Queued ? await GrainFactory.GetGrain<IUserWalletGrain>(session.Spec.UserId).GetBalance() : 0;
        // Another call may have admitted or stopped the run while the balance was read.
        if (session.Run.Status != ExecutionStatus.Queued)
        {
            // The queue does not call again once this returns, so the new status must be durable before.
            await _recorder.DurableAsync(session);
            return;
        }

        var now = _services.Clock.GetUtcNow();
        await _recorder.RecordAsync(session, balance > 0
            ? [RunRecorder.Applied(session, new RunEvent.Started(now))]
            : [RunRecorder.Applied(session, new RunEvent.StopRequested(now, ExecutionStatus.Failed, "You have no credits left to run an agent.", RunFailures.InsufficientBalance))]);
    }

    /// <summary>Queues a run again that waits for reviews and whose reviews are all decided. After a crash the supervisor calls for it.</summary>
    private async Task GoOnWhenReviewedAsync(RunSession session)
    {
        if (session.Run.Status != ExecutionStatus.Review || session.Run.IsStopping) return;
        if (await _services.Reviews.HasWaitingAsync(RunId, CancellationToken.None)) return;
        // Another call may have queued or stopped it meanwhile.
        if (session.Run.Status != ExecutionStatus.Review || session.Run.IsStopping) await _recorder.DurableAsync(session);
        else await _recorder.RecordAsync(session, [RunRecorder.Applied(session, new RunEvent.Reviewed(_services.Clock.GetUtcNow()))]);
    }

    private async Task AdmitWhenQueuedAsync(RunSession session)
    {
        if (session.Run.Status != ExecutionStatus.Queued) return;
        // A sub-agent is not queued: its parent counts for it. Parents that occupy all places would otherwise wait for ever for their own sub-agents (ADR 0005).
        if (session.Spec.ParentRunId is not null) await AdmitAsync();
        else await GrainFactory.GetGrain<IExecutionQueueGrain>(session.Spec.UserId).Submit(RunId, Guid.Parse(session.Spec.GraphId));
    }
}
