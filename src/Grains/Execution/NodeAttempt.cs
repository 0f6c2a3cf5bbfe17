using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>An attempt under way: what its grain holds of it.</summary>
internal sealed class NodeAttempt : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _abandoned;
    private readonly TimeSpan _grace;

    public NodeAttempt(Guid nodeExecutionId, NodeWork work, TimeProvider clock, TimeSpan grace)
    {
        NodeExecutionId = nodeExecutionId;
        Work = work;
        _abandoned = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _grace = grace;
    }

    public Guid NodeExecutionId { get; }

    public NodeWork Work { get; }

    /// <summary>Asks the block to end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Leaves the block behind: it was asked and did not end in time, or the process stops.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>The providers of the credentials that the block was given.</summary>
    public IReadOnlyCollection<string> Providers { get; set; } = [];

    /// <summary>A sub-agent has something new.</summary>
    public SemaphoreSlim ChildProgress { get; } = new(0, 1);

    public void Cancel()
    {
        if (_cancelled.IsCancellationRequested) return;
        _abandoned.CancelAfter(_grace);
        // Not on the caller's turn: whatever the block does about it must not hold up the grain.
        _ = _cancelled.CancelAsync();
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
        _cancelled.Dispose();
        _abandoned.Dispose();
        ChildProgress.Dispose();
    }
}
