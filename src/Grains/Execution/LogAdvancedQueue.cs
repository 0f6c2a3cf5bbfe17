using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The notices of one user that are not told yet: the latest of each run. Once closed it takes no more.</summary>
internal sealed class LogAdvancedQueue
{
    private readonly Lock _gate = new();
    private Dictionary<Guid, LogAdvanced> _latest = [];
    private TaskCompletionSource _arrived = NewSignal();
    private bool _started;
    private bool _closed;

    /// <summary>False once it is known that nobody listens; true while it is not known.</summary>
    public bool MayBeHeard { get; set; } = true;

    /// <summary>False when closed. The first notice of all has to set somebody to work.</summary>
    public bool TryAdd(LogAdvanced notice, out bool first)
    {
        lock (_gate)
        {
            first = !_started;
            if (_closed) return false;
            _started = true;
            if (!_latest.TryGetValue(notice.RunId, out var before) || before.Sequence < notice.Sequence) _latest[notice.RunId] = notice;
            _arrived.TrySetResult();
            return true;
        }
    }

    /// <summary>Everything that waits.</summary>
    public IReadOnlyCollection<LogAdvanced> Take()
    {
        lock (_gate)
        {
            if (_latest.Count == 0) return [];
            var taken = _latest.Values;
            _latest = [];
            _arrived = NewSignal();
            return taken;
        }
    }

    /// <summary>Waits for a notice; false when none has come in time.</summary>
    public async Task<bool> ArrivedAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        Task arrived;
        lock (_gate) arrived = _arrived.Task;
        try
        {
            await arrived.WaitAsync(limit, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>False when something waits.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            if (_latest.Count > 0) return false;
            _closed = true;
            return true;
        }
    }

    /// <summary>Drops what waits.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _latest.Clear();
            _closed = true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
