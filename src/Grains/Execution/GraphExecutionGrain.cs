using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IGraphExecutionGrain"/>
/// <remarks>
/// The shell around <see cref="GraphRun"/>. Reentrant, so that the reports of many nodes share one commit: a report is
/// applied and its facts are queued for the log without an await between, and only when they are durable is anything
/// done about them that somebody outside could notice. A failed append discards the session.
/// </remarks>
[Reentrant]
internal sealed partial class GraphExecutionGrain(
    RunDirectory directory, SiloIdentity host, ISiloLiveness liveness, RunSignals signals, LogAdvancedPublisher notices, ComputedNodes computed, ExecutionMetrics metrics, TimeProvider clock,
    ILogger<GraphExecutionGrain> logger)
    : Grain, IGraphExecutionGrain
{
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(30);

    private readonly HashSet<Guid> _unsent = [];
    private Task<RunSession?>? _opening;
    private RunSession? _session;
    private long? _lastEpoch;
    private int _openings;
    private IGrainTimer? _check;
    private bool _cancelSent;
    private TaskScheduler? _turns;
    private IGraphExecutionGrain? _self;
    private volatile bool _left;

    private Guid RunId => this.GetPrimaryKey();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // For reports of computed nodes, which come from threads that may not use the services of this activation.
        _self = this.AsReference<IGraphExecutionGrain>();
        _left = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<StartRunResult> Start(StartRun command)
    {
        RunSession session;
        try
        {
            session = await BeginAsync(command);
        }
        catch (GraphValidationException exception)
        {
            DeactivateOnIdle();
            return new StartRunResult { Accepted = false, Problems = Problems.From(exception.Problems) };
        }

        if (session.Spec.UserId != command.UserId)
            return new StartRunResult { Accepted = false, Problems = Problems.Of($"Run #{RunId} not found.") };
        if (session.Run.Status == ExecutionStatus.Queued) Tell(session);
        await AdmitWhenQueuedAsync(session);
        return new StartRunResult { Accepted = true, Problems = [] };
    }

    /// <inheritdoc/>
    public async Task Admit()
    {
        var session = await RequireAsync();
        if (session.Run.Status != ExecutionStatus.Queued)
        {
            // The queue forgets a run once this answers, so the run must have left QUEUED in the log as well.
            await DurableAsync(session);
            return;
        }

        var balance = await GrainFactory.GetGrain<IUserWalletGrain>(session.Spec.UserId).GetBalance();
        if (session.Run.Status != ExecutionStatus.Queued)
        {
            await DurableAsync(session);
            return;
        }

        var now = clock.GetUtcNow();
        await RecordAsync(session, balance > 0
            ? [Applied(session, new RunEvent.Started(now))]
            : [Applied(session, new RunEvent.StopRequested(now, ExecutionStatus.Failed, "You have no credits left to run an agent."))]);
    }

    /// <inheritdoc/>
    public async Task Resume()
    {
        if (await OpenAsync() is not { } session) return;
        // A sub-agent whose parent has ended has nobody left to tell, and nobody to stop it.
        if (session.Spec.ParentRunId is { } parent && await directory.HasEndedAsync(parent)) await Stop(session.Spec.UserId);
        // Its graph was deleted, and the process ended before it was stopped.
        else if (!session.Run.Status.IsFinal() && await directory.IsGraphDeletedAsync(session)) await Stop(session.Spec.UserId);
        else await AdmitWhenQueuedAsync(session);
    }

    /// <inheritdoc/>
    public async Task<NodeReportAnswer> Report(NodeReportMessage report)
    {
        for (var again = true; ; again = false)
        {
            if (await OpenAsync() is not { } session) return new NodeReportAnswer { Verdict = NodeReportVerdict.Stale };
            // A computed node waits for the answer to its last report only to be forgotten.
            var awaited = report.End is null or { Charged: > 0 } || session.Run.FindRunning(report.NodeExecutionId) is not { } execution || !session.IsComputed(execution);
            var outcome = session.Run.Report(NodeReports.ToEngine(report), clock.GetUtcNow());
            if (!outcome.Accepted)
            {
                // The attempt may be stale only because of its own end, which is on its way to the log. When that commit is lost the attempt counts
                // again, so a node that was told Stale too early would have given up, and its block would run a second time.
                await DurableAsync(session);
                return new NodeReportAnswer { Verdict = NodeReportVerdict.Stale };
            }

            try
            {
                // What was known already may still be on its way to the log; the answer promises that it is there.
                if (outcome.Events.Count == 0) await DurableAsync(session);
                else await RecordAsync(session, [.. outcome.Events], awaited || signals.HasListeners || notices.MayBeHeard(session.Spec.UserId));
                return new NodeReportAnswer { Verdict = NodeReportVerdict.Accepted, NextOrdinal = outcome.NextOrdinal };
            }
            catch (RunRejectedException) when (again)
            {
                // Perhaps another report in the same commit was the cause: once more, alone.
            }
            catch (RunRejectedException exception)
            {
                return new NodeReportAnswer { Verdict = NodeReportVerdict.Refused, Reason = exception.Message };
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> Stop(string userId)
    {
        if (await OpenAsync() is not { } session || session.Spec.UserId != userId) return false;
        if (session.Run.Status.IsFinal() || session.Run.IsStopping)
        {
            await DurableAsync(session);
            return true;
        }

        await RecordAsync(session, [Applied(session, new RunEvent.StopRequested(clock.GetUtcNow(), ExecutionStatus.Terminated, null))]);
        return true;
    }

    /// <inheritdoc/>
    public async Task<RunState?> GetState(string userId)
    {
        if (await OpenAsync() is not { } session || session.Spec.UserId != userId) return null;
        var durable = session.Durable;
        return new RunState
        {
            Status = durable.Status.Name(),
            Error = durable.Error,
            Sequence = durable.Sequence,
            Stats = JsonPayload.Take(RunRows.Stats(durable.Stats)),
        };
    }

    /// <inheritdoc/>
    public async Task<ChildProgress> ReadProgress(long afterSequence)
    {
        var session = await RequireAsync();
        // The condition first: outputs read after it can only be more.
        var durable = session.Durable;
        var outputs = await directory.OutputsAsync(session, afterSequence, durable.Sequence, CancellationToken.None);
        return new ChildProgress
        {
            Outputs = outputs,
            Sequence = durable.Sequence,
            Status = durable.Status.Name(),
            Error = durable.Error,
            Cost = durable.Stats.Cost,
            Steps = durable.Stats.NodeExecCount,
        };
    }

    private static RunEvent Applied(RunSession session, RunEvent fact)
    {
        session.Run.Apply(fact);
        return fact;
    }

    private async Task<RunSession> RequireAsync() =>
        await OpenAsync() ?? throw new InvalidOperationException($"Run {RunId} does not exist.");

    /// <summary>The run, stored now or before. Whoever asks for it meanwhile waits for the same session, which would be fenced by another one.</summary>
    private async Task<RunSession> BeginAsync(StartRun command)
    {
        // Another call may have looked before the run was stored, and found nothing.
        while (_opening is not null)
        {
            if (await OpenAsync() is { } known) return known;
        }

        try
        {
            _opening = CreateAsync(command);
            return await RequireAsync();
        }
        catch (GraphValidationException)
        {
            // A request that is repeated may find the graph gone that its run was made from.
            if (await OpenAsync() is { } stored) return stored;
            throw;
        }
    }

    private async Task<RunSession?> CreateAsync(StartRun command)
    {
        if (await directory.CreateAsync(RunId, command) is not { } session) return await TakeUpAsync();
        Use(session);
        return session;
    }

    private RunOwner Owner(RunSession session) => new(host.Name, session.Epoch);

    private void Use(RunSession session)
    {
        _session = session;
        _lastEpoch = session.Epoch;
        _openings = 0;
        _unsent.Clear();
        _cancelSent = false;
    }

    private async Task<RunSession?> OpenAsync()
    {
        var opening = _opening ??= TakeUpAsync();
        try
        {
            var session = await opening;
            if (session is null && ReferenceEquals(_opening, opening)) _opening = null;
            return session;
        }
        catch
        {
            if (ReferenceEquals(_opening, opening)) _opening = null;
            throw;
        }
    }

    private async Task<RunSession?> TakeUpAsync()
    {
        // Each opening raises the epoch once at most, and one that failed may have raised it.
        _openings++;
        if (await directory.OpenAsync(RunId) is not { } session) return null;
        var reopened = _lastEpoch is not null;
        if (_lastEpoch is { } last && session.Epoch > last + _openings)
        {
            // Another activation of this run has opened it in between. One of the two has to go, or each would fence the other for ever.
            _check?.Dispose();
            _check = null;
            DeactivateOnIdle();
            throw new RunSupersededException($"Run {RunId} was taken up elsewhere; this activation ends.");
        }

        Use(session);
        // The commit of the end was written although its answer said otherwise: what follows an end was not done yet.
        if (reopened && session.Run.Status.IsFinal()) Finish(session);
        if (session.Run.Status != ExecutionStatus.Running) return session;

        // Nodes of a dead host are run again; those of a living one are told again, in case the message was lost.
        var charges = await directory.ChargesAsync(session, session.Run.EndedByTakeOver(liveness.IsGone));
        var facts = session.Run.TakeOver(clock.GetUtcNow(), Owner(session), liveness.IsGone, id => charges.GetValueOrDefault(id));
        await RecordAsync(session, [.. facts]);
        Attend(session);
        // A node that ended here may have been a sub-agent's; that run hears of the stop from nobody else.
        foreach (var ended in facts.OfType<RunEvent.NodeEnded>())
            Forget(GrainFactory.GetGrain<IGraphExecutionGrain>(NodeExecutionIds.ChildRun(ended.NodeExecutionId)).Stop(session.Spec.UserId));
        var told = facts.OfType<RunEvent.NodeDispatched>().Select(fact => fact.NodeExecutionId).ToHashSet();
        foreach (var execution in session.Run.InFlight.Where(execution => !told.Contains(execution.Id)).ToList()) Hand(session, execution.Id, fee: null);
        return session;
    }

    private async Task AdmitWhenQueuedAsync(RunSession session)
    {
        if (session.Run.Status != ExecutionStatus.Queued) return;
        // A sub-agent runs within its parent's place in the queue: waiting for another could wait for ever.
        if (session.Spec.ParentRunId is not null) await Admit();
        else await GrainFactory.GetGrain<IExecutionQueueGrain>(session.Spec.UserId).Submit(RunId, Guid.Parse(session.Spec.GraphId));
    }

    /// <summary>
    /// Logs facts with what follows from them, and acts once they are durable; at once only where nobody outside can notice (ADR 0014).
    /// </summary>
    private async Task RecordAsync(RunSession session, List<RunEvent> facts, bool awaited = true)
    {
        var now = clock.GetUtcNow();
        facts.AddRange(session.Run.Decide(now, Owner(session)));
        if (facts.Count == 0) return;

        SessionAppend append;
        CommitResult result;
        try
        {
            append = session.Append(facts, now, awaited);
            foreach (var nodeExecutionId in append.Ahead) Hand(session, nodeExecutionId, fee: false);
            result = await append.Durable;
            Require(result);
        }
        catch
        {
            Discard(session);
            throw;
        }

        Act(session, facts, append.Ahead, result.Fees);
    }

    /// <summary>Waits until all that the session knows is in the log.</summary>
    private async Task DurableAsync(RunSession session) => Require(await session.LastAppend);

    private void Require(CommitResult result)
    {
        if (result.Outcome == CommitOutcome.Committed) return;
        if (result.Outcome == CommitOutcome.Rejected) throw new RunRejectedException(result.Error ?? "The database refused it.");
        throw new RunSupersededException($"Run {RunId} was taken up elsewhere or has ended ({result.Outcome}).");
    }

    /// <summary>
    /// Drops a session whose state is ahead of the log, but not the one that may have followed it already. The activation stays: its timer
    /// opens the next session even when no node is left that would report.
    /// </summary>
    private void Discard(RunSession session)
    {
        if (!ReferenceEquals(_session, session)) return;
        metrics.Left(RunId);
        _session = null;
        _opening = null;
    }

    private void Act(RunSession session, List<RunEvent> facts, IReadOnlySet<Guid> ahead, IReadOnlyList<Guid> fees)
    {
        foreach (var fact in facts)
        {
            if (fact is RunEvent.NodeDispatched dispatched && !ahead.Contains(dispatched.NodeExecutionId))
                Hand(session, dispatched.NodeExecutionId, dispatched.Attempt > 1 ? null : fees.Contains(dispatched.NodeExecutionId));
        }

        Attend(session);
        Forget(session.WriteSnapshotAsync());
        Tell(session);
        if (session.Spec.ParentNodeExecutionId is { } parent && facts.Exists(fact => IsProgress(session, fact)))
            Forget(GrainFactory.GetGrain<INodeExecutionGrain>(parent).ChildProgressed());

        if (facts.Exists(fact => fact is RunEvent.Ended)) Finish(session);
    }

    /// <summary>Says how far the log goes, to whoever listens.</summary>
    private void Tell(RunSession session)
    {
        var sequence = session.Durable.Sequence;
        signals.Committed(RunId, sequence);
        notices.Publish(session.Spec.UserId, new LogAdvanced { RunId = RunId, GraphId = Guid.Parse(session.Spec.GraphId), Sequence = sequence });
    }

    /// <summary>What a run under way needs from this activation, whether it began here or was taken up: a check now and then, and cancelled nodes when it stops.</summary>
    private void Attend(RunSession session)
    {
        if (session.Run.Status == ExecutionStatus.Running)
        {
            metrics.Attended(RunId);
            _check ??= this.RegisterGrainTimer(CheckAsync, new GrainTimerCreationOptions(CheckEvery, CheckEvery) { KeepAlive = true, Interleave = true });
        }

        // A stop that is not in the log yet may never be.
        if (!session.Durable.IsStopping || _cancelSent) return;
        _cancelSent = true;
        foreach (var execution in session.Run.InFlight.ToList()) Forget(CancelAsync(execution.Id));
    }

    private static bool IsProgress(RunSession session, RunEvent fact) => fact switch
    {
        RunEvent.Ended => true,
        RunEvent.NodeOutput output => session.Run.FindRunning(output.NodeExecutionId) is not { } execution
            || session.Graph.FindBlock(execution.NodeId)?.Kind == BlockKind.Output,
        _ => false,
    };

    private void Finish(RunSession session)
    {
        metrics.Left(RunId);
        metrics.Ended(session);
        RunSpans.Ended(session);
        _check?.Dispose();
        _check = null;
        if (session.Spec.ParentRunId is null) Forget(GrainFactory.GetGrain<IExecutionQueueGrain>(session.Spec.UserId).Ended(RunId));
        DeactivateOnIdle();
    }

    private void Hand(RunSession session, Guid nodeExecutionId, bool? fee)
    {
        _unsent.Add(nodeExecutionId);
        Forget(SendWorkAsync(session, nodeExecutionId, fee));
    }

    private async Task SendWorkAsync(RunSession session, Guid nodeExecutionId, bool? fee)
    {
        if (session.Run.FindRunning(nodeExecutionId) is not { } execution) return;
        var work = await directory.ToWorkAsync(session, execution, fee);
        if (RunDirectory.MayComputeHere(session, execution, work)) computed.Start(nodeExecutionId, work, ReportHereAsync);
        else await GrainFactory.GetGrain<INodeExecutionGrain>(nodeExecutionId).Start(work);
        _unsent.Remove(nodeExecutionId);
        // The stop may have come while the node was being told to start, and found nothing to cancel.
        if (session.Durable.IsStopping) await CancelAsync(nodeExecutionId);
    }

    private Task CancelAsync(Guid nodeExecutionId) =>
        computed.Cancel(nodeExecutionId) ? Task.CompletedTask : GrainFactory.GetGrain<INodeExecutionGrain>(nodeExecutionId).Cancel();

    /// <summary>
    /// Takes the report of an effect-free node from another thread, as a turn of this activation. When the activation has gone meanwhile the report goes to
    /// the one that follows it.
    /// </summary>
    private Task<NodeReportAnswer> ReportHereAsync(NodeReportMessage report) => _left
        ? _self!.Report(report)
        : Task.Factory.StartNew(() => Report(report), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns!).Unwrap();

    /// <summary>Tells again what was not told, and ends what has gone on for too long.</summary>
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (await OpenAsync() is not { } session) return;
        foreach (var id in _unsent.ToList()) Forget(SendWorkAsync(session, id, fee: null));
        // A cancellation may have been lost as well.
        _cancelSent = false;
        Attend(session);
        await RecordAsync(session, []);
    }

    /// <summary>Observes a call whose outcome changes nothing here: whoever missed it is told again.</summary>
    private void Forget(Task call) => _ = call.ContinueWith(
        task => CallFailed(task.Exception!.GetBaseException(), RunId),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Current);

    [LoggerMessage(1101, LogLevel.Warning, "A call of run {RunId} failed; it is made again where it matters.")]
    private partial void CallFailed(Exception exception, Guid runId);
}
