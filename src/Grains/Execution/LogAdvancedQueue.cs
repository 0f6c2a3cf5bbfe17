using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The notices of one user that are not sent yet: the latest of each run. A closed queue refuses notices.</summary>
internal sealed class LogAdvancedQueue
{
    private readonly Lock _gate = new();
    private Dictionary<Guid, LogAdvanced> _latest = [];
    private TaskCompletionSource _arrived = NewSignal();
    private bool _started;
    private bool _closed;

    /// <summary>False when the last call found no listeners; true otherwise and before the first call.</summary>
    public bool MayHaveListeners { get; set; } = true;

    /// <summary>Adds a notice unless the queue is closed.</summary>
    /// <param name="notice">The notice.</param>
    /// <param name="first">True for the first notice of the queue; the caller then starts the loop that sends them.</param>
    /// <returns>False when closed.</returns>
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

    /// <summary>Removes and returns all queued notices.</summary>
    public IReadOnlyCollection<LogAdvanced> RemoveAll()
    {
        lock (_gate)
        {
            if (_latest.Count == 0) return [];
            var notices = _latest.Values;
            _latest = [];
            _arrived = NewSignal();
            return notices;
        }
    }

    /// <summary>Waits for a notice. False when none arrived within the limit.</summary>
    public async Task<bool> WaitForNoticeAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
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

    /// <summary>Closes the queue if it is empty. False when it is not.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            if (_latest.Count > 0) return false;
            _closed = true;
            return true;
        }
    }

    /// <summary>Closes the queue and drops its notices.</summary>
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
