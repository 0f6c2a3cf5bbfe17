using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Writes the events of one run to its log and acts on them once they are durable: sends nodes, notifies listeners and the parent, ends the run. Between
/// applying an event to the state and queueing it for the log there is no await, so that the order of both is the same.
/// </summary>
internal sealed class RunRecorder
{
    private static readonly LostAttempts NoneLost = new(new HashSet<AttemptId>());

    private readonly IRunActivation _activation;
    private readonly RunServices _services;
    private readonly UnawaitedCalls _calls;
    private readonly NodeDispatcher _dispatcher;
    private IGrainTimer? _timer;
    private CancellationTokenRegistration _drain;

    public RunRecorder(IRunActivation activation, RunServices services)
    {
        _activation = activation;
        _services = services;
        _calls = new UnawaitedCalls(activation.RunId, services.Logger);
        _dispatcher = new NodeDispatcher(activation, services, _calls);
        Sessions = new RunSessionHost(activation.RunId, services.Loader, _dispatcher.Reset, ContinueAsync, EndActivation);
    }

    /// <summary>The session of the run.</summary>
    public RunSessionHost Sessions { get; }

    /// <summary>Applies an event to the state of a run, for <see cref="RecordAsync"/>.</summary>
    public static RunEvent Applied(RunSession session, RunEvent runEvent)
    {
        session.Run.Apply(runEvent);
        return runEvent;
    }

    /// <summary>
    /// Writes events that are applied already, with those that the Engine decides next, and acts on them once they are durable. Nodes whose early start nobody
    /// outside can notice are sent at once (ADR 0014).
    /// </summary>
    /// <param name="session">The run.</param>
    /// <param name="events">Applied events, in order; may be empty.</param>
    /// <param name="awaited">False when nobody waits for these events, so that the commit may be held back for those that follow.</param>
    /// <exception cref="RunRejectedException">The database cannot store the events. The session is dropped.</exception>
    /// <exception cref="RunSupersededException">Another activation owns the run, or the run has ended. The session is dropped.</exception>
    public async Task RecordAsync(RunSession session, List<RunEvent> events, bool awaited = true)
    {
        var now = _services.Clock.GetUtcNow();
        events.AddRange(session.Run.Decide(now, Owner(session), _services.Draining.IsDraining));
        if (events.Count == 0) return;

        SessionAppend append;
        CommitResult result;
        try
        {
            append = session.Append(events, now, awaited);
            foreach (var nodeExecutionId in append.Ahead) _dispatcher.Send(session, nodeExecutionId, fee: false);
            result = await append.Durable;
            RequireCommitted(result);
        }
        catch
        {
            if (Sessions.Drop(session)) _services.Metrics.RunBecameInactive(_activation.RunId);
            throw;
        }

        ActOnCommitted(session, events, append.Ahead, result.Fees);
    }

    /// <summary>Records what a node reports, and answers when it is durable.</summary>
    public async Task<NodeReportAnswer> RecordReportAsync(NodeReportMessage report)
    {
        for (var again = true; ; again = false)
        {
            if (await Sessions.OpenAsync() is not { } session) return new NodeReportAnswer { Verdict = NodeReportVerdict.Stale };
            var awaited = IsAwaited(session, report);
            var outcome = session.Run.Report(NodeReports.ToEngine(report), _services.Clock.GetUtcNow());
            if (!outcome.Accepted)
            {
                // The attempt may be stale only because of its own end, which is on its way to the log. If that commit is lost the attempt counts
                // again; a node that was answered Stale before would have given up, and its block would run a second time.
                await DurableAsync(session);
                return new NodeReportAnswer { Verdict = NodeReportVerdict.Stale };
            }

            try
            {
                // A repeated report brings no new event, but the event of the first one may still be on its way, and the answer promises that it is durable.
                if (outcome.Events.Count == 0) await DurableAsync(session);
                else await RecordAsync(session, [.. outcome.Events], awaited || _services.Publisher.MayHaveListeners(session.Spec.UserId));
                return new NodeReportAnswer { Verdict = NodeReportVerdict.Accepted, NextOrdinal = outcome.NextOrdinal };
            }
            catch (RunRejectedException) when (again)
            {
                // Another report in the same commit may have caused the rejection: record this one once more, alone.
            }
            catch (RunRejectedException exception)
            {
                return new NodeReportAnswer { Verdict = NodeReportVerdict.Refused, Reason = exception.Message };
            }
        }
    }

    /// <summary>
    /// Looks for all that is overdue: repeats messages that may have been lost, takes over the nodes of dead silos, asks for the others, and cancels
    /// those of a stopping run again. Opening a run does the same.
    /// </summary>
    public async Task CheckAsync(RunSession session)
    {
        if (session.Run.Status != ExecutionStatus.Running) return;
        if (_services.Draining.IsDraining)
        {
            LeaveDrainingSilo(session);
            // Only the cancellation of its nodes is repeated here.
            if (!session.Run.IsStopping) return;
        }

        if (session.Spec.ParentRunId is { } parent && !session.Run.IsStopping && await _services.Loader.HasEndedAsync(parent))
        {
            // The node that started this sub-agent was given up, for example when nobody could tell whether the start had arrived.
            await RecordAsync(session, [Applied(session, new RunEvent.StopRequested(_services.Clock.GetUtcNow(), ExecutionStatus.Terminated, null))]);
        }

        _dispatcher.ResendUnsent(session);
        await TakeOverFromGoneSilosAsync(session);
        CheckRegularly(session);
        await TakeOverMissingAsync(session);
    }

    /// <summary>Lets the next activation of the run go on at once, if Orleans drops this one while it has work.</summary>
    /// <param name="self">Calls the next activation.</param>
    public void ContinueElsewhere(IGraphExecutionGrain self)
    {
        if (_timer is not null) _calls.LogFailure(self.Resume());
    }

    /// <summary>Ends what goes on beside the calls of the activation, and gives its slot back.</summary>
    public void EndChecks()
    {
        _timer?.Dispose();
        _timer = null;
        _drain.Dispose();
        _services.Slots.Release(_activation.RunId, _activation);
    }

    /// <summary>Waits until all events of the session are durable.</summary>
    /// <exception cref="RunSupersededException">They were not committed.</exception>
    public async Task DurableAsync(RunSession session) => RequireCommitted(await session.LastAppend);

    /// <summary>Notifies the listeners of the user how far the log goes.</summary>
    public void PublishProgress(RunSession session) => _services.Publisher.Publish(
        session.Spec.UserId, new LogAdvanced { RunId = _activation.RunId, GraphId = Guid.Parse(session.Spec.GraphId), Sequence = session.Durable.Sequence });

    private RunOwner Owner(RunSession session) => new(_services.Silo.Name, session.Epoch);

    /// <summary>A computed node waits for the answer to its last report only in order to be removed from the silo's list.</summary>
    private static bool IsAwaited(RunSession session, NodeReportMessage report) =>
        report.End is null or { Charged: > 0 } || session.Run.FindRunning(report.NodeExecutionId) is not { } execution || !session.IsComputed(execution);

    private async Task CheckOrOpenAsync(CancellationToken cancellationToken)
    {
        var wasOpen = Sessions.IsOpen;
        if (await Sessions.OpenAsync() is { } session && wasOpen) await CheckAsync(session);
    }

    /// <summary>Continues a run whose session was opened from the log.</summary>
    private async Task ContinueAsync(RunSession session, bool reopened)
    {
        // The commit of the end may have been written although it was answered as failed; then the work after an end was not done yet.
        if (reopened && session.Run.Status.IsFinal()) End(session);
        await StopScriptedAsync(session);
        if (session.Run.Status != ExecutionStatus.Running || _services.Draining.IsDraining) return;

        // Before anything is awaited: after a crash the runs that wait are opened at the same time, and would be given this place.
        if (session.Spec.ParentRunId is null) _services.Slots.Take(_activation.RunId, _activation);
        await TakeOverFromGoneSilosAsync(session);
        CheckRegularly(session);
        // Not awaited: the callers of a run that is opened must not wait for a silo that does not answer.
        _calls.LogFailure(TakeOverMissingAsync(session));
    }

    /// <summary>Takes over the node executions whose silo is dead, and records what time alone decides, such as the end of a run that exceeds its hours.</summary>
    private async Task TakeOverFromGoneSilosAsync(RunSession session)
    {
        var gone = await _services.Liveness.FindGoneAsync(session.Run.InFlight.Select(execution => execution.Host!), CancellationToken.None);
        await TakeOverAsync(session, NoneLost with { GoneSilos = gone });
    }

    /// <summary>Asks for the node executions in flight, cancels them if the run is stopping, and takes over those that nobody has.</summary>
    private async Task TakeOverMissingAsync(RunSession session)
    {
        var missing = await _dispatcher.FindMissingAsync(session, session.Run.Overdue(NoneLost).UnderWay, cancel: session.Durable.IsStopping);
        if (missing.Count > 0 && Sessions.IsCurrent(session)) await TakeOverAsync(session, new LostAttempts(missing));
    }

    private async Task TakeOverAsync(RunSession session, LostAttempts lost)
    {
        // The state may change while the ledger is read, so that another node execution is to be ended.
        var charges = new Dictionary<Guid, long>();
        while (session.Run.Overdue(lost).End.Where(execution => !charges.ContainsKey(execution.Id)).ToList() is { Count: > 0 } unknown)
        {
            var found = await _services.Loader.EndChargesAsync(session, unknown);
            foreach (var execution in unknown) charges[execution.Id] = found.GetValueOrDefault(execution.Id);
        }

        var events = session.Run.TakeOver(_services.Clock.GetUtcNow(), Owner(session), lost, id => charges[id]);
        await RecordAsync(session, [.. events]);
        // A node execution that ended here may have been a sub-agent, whose run would otherwise go on.
        foreach (var ended in events.OfType<RunEvent.NodeEnded>())
            _calls.LogFailure(_services.Grains.GetGrain<IGraphExecutionGrain>(NodeExecutionIds.ChildRun(ended.NodeExecutionId)).Stop(session.Spec.UserId));
    }

    /// <summary>
    /// Stops the run of a scenario whose process was killed, before any of its nodes is dispatched: with the services of this process its blocks would have real effects.
    /// </summary>
    private async Task StopScriptedAsync(RunSession session)
    {
        if (!session.Spec.Scripted || _services.Options.Value.Scripted || session.Run.Status.IsFinal() || session.Run.IsStopping) return;
        const string reason = "The process of the scenario has ended, and its scripted services with it.";
        await RecordAsync(session, [Applied(session, new RunEvent.StopRequested(_services.Clock.GetUtcNow(), ExecutionStatus.Terminated, reason))]);
    }

    private void ActOnCommitted(RunSession session, List<RunEvent> events, IReadOnlySet<Guid> ahead, IReadOnlyList<Guid> fees)
    {
        foreach (var runEvent in events)
        {
            if (runEvent is RunEvent.NodeDispatched dispatched && !ahead.Contains(dispatched.NodeExecutionId))
                _dispatcher.Send(session, dispatched.NodeExecutionId, dispatched.Attempt > 1 ? null : fees.Contains(dispatched.NodeExecutionId));
        }

        CheckRegularly(session);
        _calls.LogFailure(session.WriteSnapshotAsync());
        PublishProgress(session);
        if (session.Spec.ParentNodeExecutionId is { } parent && events.Exists(runEvent => IsProgressForParent(session, runEvent)))
            _calls.LogFailure(_services.Grains.GetGrain<INodeExecutionGrain>(parent).ChildProgressed());

        if (events.Exists(runEvent => runEvent is RunEvent.Ended)) End(session);
        else LeaveDrainingSilo(session);
    }

    /// <summary>
    /// Ends the activation while the silo drains, so that the run goes on on another silo; blocks that have begun here report to it there. Not while an effect-free node is
    /// under way, which has no grain that the next activation would find it by.
    /// </summary>
    private void LeaveDrainingSilo(RunSession session)
    {
        if (!_services.Draining.IsDraining || !_services.Loads.OthersStay) return;
        if (!session.Run.InFlight.Any(execution => session.Graph.FindBlock(execution.NodeId) is { EffectFree: true })) _activation.Deactivate();
    }

    /// <summary>Starts the timer of a running run, and cancels its nodes when its stop is durable.</summary>
    private void CheckRegularly(RunSession session)
    {
        if (session.Run.Status == ExecutionStatus.Running)
        {
            _services.Metrics.RunBecameActive(_activation.RunId);
            if (_timer is null)
            {
                _timer = _activation.StartTimer(CheckOrOpenAsync, _services.Options.Value.RunCheckInterval);
                if (session.Spec.ParentRunId is null) _services.Slots.Take(_activation.RunId, _activation);
                _drain = _services.Draining.Begun.UnsafeRegister(static recorder => ((RunRecorder)recorder!).CheckFromThread(), this);
            }
        }

        if (_dispatcher.TryBeginCancel(session)) _calls.LogFailure(TakeOverMissingAsync(session));
    }

    private static bool IsProgressForParent(RunSession session, RunEvent runEvent) => runEvent switch
    {
        RunEvent.Ended => true,
        RunEvent.NodeOutput output => session.Run.FindRunning(output.NodeExecutionId) is not { } execution
            || session.Graph.FindBlock(execution.NodeId)?.Kind == BlockKind.Output,
        _ => false,
    };

    /// <summary>Gives back what the run has taken, when it has ended or waits for a review.</summary>
    private void End(RunSession session)
    {
        _services.Metrics.RunBecameInactive(_activation.RunId);
        var hasEnded = session.Run.Status.IsFinal();
        if (hasEnded)
        {
            _services.Metrics.RunEnded(session);
            RunSpans.RecordRun(session);
        }

        _services.Slots.RemoveWaiting(_activation.RunId);
        if (session.Spec.ParentRunId is null) _calls.LogFailure(_services.Grains.GetGrain<IExecutionQueueGrain>(session.Spec.UserId).Ended(_activation.RunId));
        if (hasEnded) _services.Schedules.RunEnded(session);
        EndActivation();
    }

    private void EndActivation()
    {
        EndChecks();
        _activation.Deactivate();
    }

    /// <summary>Checks the run in a turn of its activation, when the silo begins to drain.</summary>
    private void CheckFromThread()
    {
        if (_services.Loads.OthersStay) _calls.LogFailure(_services.Grains.GetGrain<IGraphExecutionGrain>(_activation.RunId).Resume());
    }

    private void RequireCommitted(CommitResult result)
    {
        if (result.Outcome == CommitOutcome.Committed) return;
        if (result.Outcome == CommitOutcome.Rejected) throw new RunRejectedException(result.Error ?? "The database refused it.");
        throw new RunSupersededException($"Run {_activation.RunId} was opened by another activation or has ended ({result.Outcome}).");
    }
}
