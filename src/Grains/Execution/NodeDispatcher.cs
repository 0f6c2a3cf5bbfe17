using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Sends the nodes of one run to where they run, sends those again whose message may have been lost, and asks for the others where they run. It sends and asks
/// only; what is dispatched is decided by the Engine and is in the log.
/// </summary>
/// <param name="activation">Takes the reports of nodes that run beside their run.</param>
/// <param name="services">The services of the silo.</param>
/// <param name="calls">Logs failed calls.</param>
internal sealed partial class NodeDispatcher(IRunActivation activation, RunServices services, UnawaitedCalls calls)
{
    /// <summary>Attempts whose message was not answered yet.</summary>
    private readonly HashSet<AttemptId> _unsent = [];

    /// <summary>Attempts that are sent at a later time, because the one before was lost.</summary>
    private readonly HashSet<AttemptId> _delayed = [];

    /// <summary>Attempts that somebody should have: their message was answered, or an earlier session dispatched them.</summary>
    private readonly HashSet<AttemptId> _sent = [];

    private RunSession? _session;
    private bool _cancelSent;

    /// <summary>Begins with a new session of the run: nothing was sent or cancelled in it yet.</summary>
    public void Reset(RunSession session)
    {
        _session = session;
        _unsent.Clear();
        _delayed.Clear();
        _sent.Clear();
        _sent.UnionWith(session.Run.InFlight.Select(execution => execution.CurrentAttempt));
        _cancelSent = false;
    }

    /// <summary>Sends a node execution when its time to start has come. One whose message fails is sent again by <see cref="ResendUnsent"/>.</summary>
    /// <param name="session">The run.</param>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="fee">Whether its dispatch owes the every-100th fee; null when it was sent before.</param>
    public void Send(RunSession session, Guid nodeExecutionId, bool? fee)
    {
        if (session.Run.FindRunning(nodeExecutionId) is not { } execution) return;
        _unsent.Add(execution.CurrentAttempt);
        calls.LogFailure(SendAsync(session, execution, fee));
    }

    /// <summary>Sends the node executions again whose messages were not answered.</summary>
    public void ResendUnsent(RunSession session)
    {
        var current = session.Run.InFlight.ToDictionary(execution => execution.CurrentAttempt);
        _unsent.RemoveWhere(attempt => !current.ContainsKey(attempt));
        _sent.RemoveWhere(attempt => !current.ContainsKey(attempt));
        foreach (var attempt in _unsent.Except(_delayed).ToList()) calls.LogFailure(SendAsync(session, current[attempt], fee: null));
    }

    /// <summary>True once for each session, when its stop is durable: one that is not in the log yet may be lost. Everything in flight is to be cancelled then.</summary>
    public bool TryBeginCancel(RunSession session)
    {
        if (!session.Durable.IsStopping || _cancelSent) return false;
        _cancelSent = true;
        return true;
    }

    /// <summary>
    /// Asks for attempts where they run. Those that have not begun, and effect-free ones of this silo, are sent again in place of a question: a message for an attempt that is under way
    /// changes nothing, and of two starts of one attempt only one may begin.
    /// </summary>
    /// <param name="session">The run.</param>
    /// <param name="executions">Node executions in flight.</param>
    /// <param name="cancel">Whether to cancel those that are under way.</param>
    /// <returns>The attempts that nobody has. Those of a silo that does not answer are not among them.</returns>
    public async Task<IReadOnlySet<AttemptId>> FindMissingAsync(RunSession session, IReadOnlyList<NodeExecution> executions, bool cancel)
    {
        var missing = new HashSet<AttemptId>();
        var unplaced = new List<AttemptId>();
        var elsewhere = new List<(string Host, AttemptId Attempt)>();
        foreach (var execution in executions)
        {
            var attempt = execution.CurrentAttempt;
            if (cancel && _delayed.Contains(attempt)) missing.Add(attempt);
            if (!_sent.Contains(attempt) || services.Attempts.Find(attempt, cancel)) continue;
            var isHere = string.Equals(execution.Host, services.Silo.Name, StringComparison.Ordinal);
            if (execution.HasBegun && !isHere) elsewhere.Add((execution.Host!, attempt));
            else if (execution.Start is not null) missing.Add(attempt);
            else if (!cancel) Send(session, execution.Id, fee: null);
            else if (execution.HasBegun) missing.Add(attempt);
            else unplaced.Add(attempt);
        }

        var answers = await Task.WhenAll(
            elsewhere.GroupBy(item => item.Host, item => item.Attempt, StringComparer.Ordinal).Select(group => AskSiloAsync(group.Key, [.. group], cancel))
                .Concat(unplaced.Select(attempt => AskNodeAsync(attempt, cancel))));
        foreach (var answer in answers) missing.UnionWith(answer);
        return missing;
    }

    private async Task SendAsync(RunSession session, NodeExecution execution, bool? fee)
    {
        var attempt = execution.CurrentAttempt;
        if (execution.NotBefore - services.Clock.GetUtcNow() is { } delay && delay > TimeSpan.Zero)
        {
            _delayed.Add(attempt);
            await Task.Delay(delay, services.Clock);
            if (!ReferenceEquals(_session, session)) return;
            _delayed.Remove(attempt);
            if (session.Run.IsStopping) return;
        }

        if (session.Run.FindRunning(attempt.NodeExecutionId)?.CurrentAttempt != attempt) return;
        var work = await services.Work.CreateAsync(session, execution, fee);
        if (NodeWorkFactory.RunsBesideItsRun(session, execution, work))
        {
            services.Attempts.StartBesideRun(execution.Id, work, activation.ReportFromThreadAsync);
        }
        else
        {
            if (execution.IsIsolated && FindOtherSilo(session, execution) is { } other) RequestContext.Set(IPlacementDirector.PlacementHintKey, other);
            await services.Grains.GetGrain<INodeExecutionGrain>(execution.Id).Start(work);
        }

        if (!ReferenceEquals(_session, session)) return;
        _unsent.Remove(attempt);
        _sent.Add(attempt);
        // A stop that became durable while the message was on its way found no running node to cancel.
        if (session.Durable.IsStopping && !services.Attempts.Find(attempt, cancel: true)) await AskNodeAsync(attempt, cancel: true);
    }

    /// <summary>A silo on which nothing else of the run is, or null.</summary>
    private SiloAddress? FindOtherSilo(RunSession session, NodeExecution execution)
    {
        var used = session.Run.InFlight.Where(other => other.Id != execution.Id).Select(other => other.Host).Append(services.Silo.Name).ToHashSet(StringComparer.Ordinal);
        var free = services.Liveness.FindActive().Where(silo => !used.Contains(silo.Name)).ToList();
        return free.Count == 0 ? null : free[execution.Ordinal % free.Count].Address;
    }

    private async Task<IEnumerable<AttemptId>> AskSiloAsync(string host, AttemptId[] attempts, bool cancel)
    {
        // A text of an older release is no address; such a silo is gone, which the membership says.
        if (!SiloAddress.TryParse(host, out var address)) return [];
        try
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, address);
            var missing = await services.Grains.GetGrain<ISiloAttemptsGrain>(host).FindMissing([.. attempts.Select(AttemptKeys.ToMessage)], cancel);
            return missing.Select(AttemptKeys.ToEngine);
        }
        catch (Exception exception)
        {
            NotAnswered(exception, activation.RunId, host);
            return [];
        }
    }

    private async Task<IEnumerable<AttemptId>> AskNodeAsync(AttemptId attempt, bool cancel)
    {
        try
        {
            return await services.Grains.GetGrain<INodeExecutionGrain>(attempt.NodeExecutionId).Find(AttemptKeys.ToMessage(attempt), cancel) ? [] : [attempt];
        }
        catch (Exception exception)
        {
            NotAnswered(exception, activation.RunId, $"of node execution {attempt.NodeExecutionId}");
            return [];
        }
    }

    private void NotAnswered(Exception exception, Guid runId, string silo) => NotAnswered(services.Logger, exception, runId, silo);

    [LoggerMessage(1413, LogLevel.Warning, "Run {RunId} asked silo {Silo} for its nodes and got no answer; it asks again at its next check.")]
    private static partial void NotAnswered(ILogger logger, Exception exception, Guid runId, string silo);
}
