using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>An attempt under way: what its grain, or the silo for an effect-free node, holds of it.</summary>
internal sealed class NodeAttempt : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _abandoned;
    private readonly TimeSpan _grace;
    private readonly Lock _ending = new();
    private bool _ended;

    public NodeAttempt(Guid nodeExecutionId, NodeWork work, Func<NodeReportMessage, Task<NodeReportAnswer>> report, TimeProvider clock, TimeSpan grace)
    {
        NodeExecutionId = nodeExecutionId;
        Work = work;
        Report = report;
        _abandoned = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _grace = grace;
    }

    public Guid NodeExecutionId { get; }

    public NodeWork Work { get; }

    /// <summary>Takes a report to the run of the node, and answers when it is durable. It may be called again when its outcome is not known.</summary>
    public Func<NodeReportMessage, Task<NodeReportAnswer>> Report { get; }

    /// <summary>Asks the block to end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Leaves the block behind: it was asked and did not end in time, or the process stops.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>The providers of the credentials that the block was given.</summary>
    public IReadOnlyCollection<string> Providers { get; set; } = [];

    /// <summary>A sub-agent has something new.</summary>
    public SemaphoreSlim ChildProgress { get; } = new(0, 1);

    /// <summary>
    /// Whether other work takes the place of this attempt: a later attempt, or one of a later session, which may begin with the first attempt again
    /// when the dispatch before never became durable.
    /// </summary>
    /// <param name="work">Work of the same node execution.</param>
    public bool IsOlderThan(NodeWork work) => (Work.Epoch, Work.Attempt).CompareTo((work.Epoch, work.Attempt)) < 0;

    /// <summary>Cancels the attempt, unless it has ended meanwhile.</summary>
    public void Cancel()
    {
        lock (_ending)
        {
            if (_ended || _cancelled.IsCancellationRequested) return;
            _abandoned.CancelAfter(_grace);
            // Not on the caller's turn: whatever the block does about it must not hold up the grain.
            _ = _cancelled.CancelAsync();
        }
    }

    /// <summary>Leaves the block behind at once, because the process stops. The attempt has not ended by this.</summary>
    public void Interrupt() => _ = _abandoned.CancelAsync();

    public void SignalChild()
    {
        // One signal is enough, however many hints arrive: the child's log is read to its end.
        if (ChildProgress.CurrentCount == 0) ChildProgress.Release();
    }

    public void Dispose()
    {
        lock (_ending) _ended = true;
        _cancelled.Dispose();
        _abandoned.Dispose();
        ChildProgress.Dispose();
    }
}
