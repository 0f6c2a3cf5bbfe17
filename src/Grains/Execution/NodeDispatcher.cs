using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Sends the nodes of one run to where they run, sends those again whose message may have been lost, and cancels them when the run stops. It sends only;
/// what is dispatched is decided by the Engine and is in the log.
/// </summary>
/// <param name="activation">Takes the reports of nodes that run beside their run.</param>
/// <param name="services">The services of the silo.</param>
/// <param name="calls">Logs failed calls.</param>
internal sealed class NodeDispatcher(IRunActivation activation, RunServices services, UnawaitedCalls calls)
{
    private readonly HashSet<Guid> _unsent = [];
    private bool _cancelSent;

    /// <summary>Begins with a new session of the run: nothing was sent or cancelled for it yet.</summary>
    public void Reset()
    {
        _unsent.Clear();
        _cancelSent = false;
    }

    /// <summary>Sends a node execution. One whose message fails is sent again by <see cref="ResendUnsent"/>.</summary>
    /// <param name="session">The run.</param>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="fee">Whether its dispatch owes the every-100th fee; null when it was sent before.</param>
    public void Send(RunSession session, Guid nodeExecutionId, bool? fee)
    {
        _unsent.Add(nodeExecutionId);
        calls.LogFailure(SendAsync(session, nodeExecutionId, fee));
    }

    /// <summary>Sends the node executions again whose messages were not answered.</summary>
    public void ResendUnsent(RunSession session)
    {
        foreach (var id in _unsent.ToList()) calls.LogFailure(SendAsync(session, id, fee: null));
    }

    /// <summary>Cancels everything in flight, once, when the stop of the run is durable: one that is not in the log yet may be lost.</summary>
    public void CancelWhenStopping(RunSession session)
    {
        if (!session.Durable.IsStopping || _cancelSent) return;
        _cancelSent = true;
        foreach (var execution in session.Run.InFlight.ToList()) calls.LogFailure(CancelAsync(execution.Id));
    }

    /// <summary>Cancels everything in flight again if the run is stopping, because a cancellation may have been lost.</summary>
    public void CancelAgainWhenStopping(RunSession session)
    {
        _cancelSent = false;
        CancelWhenStopping(session);
    }

    private async Task SendAsync(RunSession session, Guid nodeExecutionId, bool? fee)
    {
        if (session.Run.FindRunning(nodeExecutionId) is not { } execution) return;
        var work = await services.Work.CreateAsync(session, execution, fee);
        if (NodeWorkFactory.RunsBesideItsRun(session, execution, work)) services.Computed.Start(nodeExecutionId, work, activation.ReportFromThreadAsync);
        else await services.Grains.GetGrain<INodeExecutionGrain>(nodeExecutionId).Start(work);
        _unsent.Remove(nodeExecutionId);
        // A stop that became durable while the message was on its way found no running node to cancel.
        if (session.Durable.IsStopping) await CancelAsync(nodeExecutionId);
    }

    private Task CancelAsync(Guid nodeExecutionId) => services.Computed.Cancel(nodeExecutionId)
        ? Task.CompletedTask
        : services.Grains.GetGrain<INodeExecutionGrain>(nodeExecutionId).Cancel();
}
