using Grainflow.Engine.Catalogue;

namespace Grainflow.Engine.Execution;

/// <summary>The one rule of what is overdue: which attempts are dispatched again, which end, and which are to be asked for (DESIGN section 5 "Failure").</summary>
public sealed partial class GraphRun
{
    /// <summary>From this many lost attempts on, the next one runs away from the rest of its run: it may be what kills its process.</summary>
    private const int IsolateAfter = 2;

    private enum Verdict
    {
        UnderWay,
        DispatchAgain,
        Fail,
        Terminate,
    }

    /// <summary>
    /// What is to be done with each node execution in flight. An attempt whose silo is dead, or that nobody has, is lost. It is dispatched again, unless the run
    /// is stopping or as many attempts as allowed were lost. An attempt that had not begun is dispatched again without being counted: its block
    /// can no longer start, because its begin is refused.
    /// </summary>
    /// <param name="lost">What is known to be lost.</param>
    public OverdueAttempts Overdue(LostAttempts lost)
    {
        var verdicts = _running.Values.OrderBy(execution => execution.Ordinal).ToLookup(execution => Judge(execution, lost));
        return new OverdueAttempts(
            [.. verdicts[Verdict.UnderWay]],
            [.. verdicts[Verdict.DispatchAgain]],
            [.. verdicts[Verdict.Fail].Concat(verdicts[Verdict.Terminate]).OrderBy(execution => execution.Ordinal)]);
    }

    /// <summary>
    /// Dispatches and ends what <see cref="Overdue"/> names. The events are applied already.
    /// </summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="owner">The session that takes over.</param>
    /// <param name="lost">What is known to be lost.</param>
    /// <param name="charged">The credits that the ledger has for a node execution, 0 when it has none. Called only for those of <see cref="OverdueAttempts.End"/>.</param>
    public IReadOnlyList<RunEvent> TakeOver(DateTimeOffset now, RunOwner owner, LostAttempts lost, Func<Guid, long> charged)
    {
        var events = new List<RunEvent>();
        foreach (var execution in _running.Values.OrderBy(execution => execution.Ordinal).ToList())
        {
            switch (Judge(execution, lost))
            {
                case Verdict.DispatchAgain:
                    Add(events, DispatchAgain(execution, now, owner));
                    break;
                case Verdict.Fail:
                    Add(events, EndLost(execution, now, ExecutionStatus.Failed, NoAttemptLeft(execution), charged(execution.Id)));
                    break;
                case Verdict.Terminate:
                    Add(events, EndLost(execution, now, ExecutionStatus.Terminated, error: null, charged(execution.Id)));
                    break;
            }
        }

        return events;
    }

    private static RunEvent.NodeEnded EndLost(NodeExecution execution, DateTimeOffset now, ExecutionStatus status, string? error, long charged) =>
        new(now, execution.Id, execution.Attempt, status, error, charged, OutOfCredits: false, NodeStats.None);

    private Verdict Judge(NodeExecution execution, LostAttempts lost)
    {
        if (!lost.Contains(execution)) return Verdict.UnderWay;
        if (IsStopping) return Verdict.Terminate;
        return CountsWhenLost(execution) && Lost(execution) >= _limits.MaxAttempts ? Verdict.Fail : Verdict.DispatchAgain;
    }

    private RunEvent.NodeDispatched DispatchAgain(NodeExecution execution, DateTimeOffset now, RunOwner owner)
    {
        var lost = Lost(execution);
        DateTimeOffset? notBefore = CountsWhenLost(execution) ? now + (lost >= IsolateAfter ? _limits.LaterAttemptDelay : _limits.SecondAttemptDelay) : execution.NotBefore;
        return new RunEvent.NodeDispatched(
            now, execution.Id, execution.Attempt + 1, owner.Host, execution.Price, owner.Epoch,
            notBefore > now ? notBefore : null,
            lost >= IsolateAfter || !IsComputed(execution, execution.Price));
    }

    /// <summary>How many attempts are lost if the current one is.</summary>
    private int Lost(NodeExecution execution) => execution.LostAttempts + (CountsWhenLost(execution) ? 1 : 0);

    /// <summary>
    /// Whether the current attempt counts as lost if it is: its block had begun and was not interrupted by a shutdown. The node of a sub-agent executes nothing
    /// itself: what may kill a process counts in the run of the sub-agent.
    /// </summary>
    private bool CountsWhenLost(NodeExecution execution) =>
        execution is { HasBegun: true, Interrupted: false } && _graph.FindBlock(execution.NodeId) is not { Kind: BlockKind.Agent };

    /// <summary>Whether a node only computes and costs nothing, so that it runs beside its run (ADR 0017) and reports no begin.</summary>
    private bool IsComputed(NodeExecution execution, long price) => price == 0 && _graph.FindBlock(execution.NodeId) is { EffectFree: true };

    private string NoAttemptLeft(NodeExecution execution) =>
        $"The process that ran this node ended {(Lost(execution) == 1 ? "once" : $"{Lost(execution)} times")} while it was running; it is not tried again.";
}
