using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>An attempt under way: what its grain holds of it.</summary>
internal sealed class NodeAttempt : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _grace;
    private ITimer? _abandon;

    public NodeAttempt(Guid nodeExecutionId, NodeWork work, TimeProvider clock, TimeSpan grace)
    {
        NodeExecutionId = nodeExecutionId;
        Work = work;
        _clock = clock;
        _grace = grace;
    }

    public Guid NodeExecutionId { get; }

    public NodeWork Work { get; }

    /// <summary>Asks the block to end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Leaves the block behind: it was asked, and did not end in time.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>A sub-agent has something new.</summary>
    public SemaphoreSlim ChildProgress { get; } = new(0, 1);

    public void Cancel()
    {
        if (_abandon is not null) return;
        _abandon = _clock.CreateTimer(_ => _abandoned.Cancel(), null, _grace, Timeout.InfiniteTimeSpan);
        _cancelled.Cancel();
    }

    public void SignalChild()
    {
        // One signal is enough, however many hints arrive: the child's log is read to its end.
        if (ChildProgress.CurrentCount == 0) ChildProgress.Release();
    }

    public void Dispose()
    {
        _abandon?.Dispose();
        _cancelled.Dispose();
        _abandoned.Dispose();
        ChildProgress.Dispose();
    }
}
