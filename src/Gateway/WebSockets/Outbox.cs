namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// What waits for one client, within limits. Every event shows all there is to see of its subject, so when a client is too slow
/// the older events of each subject are dropped: it gets a fresh picture in place of an endless queue (DESIGN section 8).
/// </summary>
internal sealed class Outbox
{
    /// <summary>How often the limit a client may be behind even after that, before it is given up.</summary>
    private const int Patience = 4;

    private readonly Lock _gate = new();
    private readonly int _maxFrames;
    private readonly int _maxBytes;
    private LinkedList<Frame> _frames = new();
    private TaskCompletionSource _changed = NewSignal();
    private int _reduceAtFrames;
    private long _reduceAtBytes;
    private long _bytes;
    private bool _closed;

    public Outbox(int maxFrames, int maxBytes)
    {
        _maxFrames = _reduceAtFrames = maxFrames;
        _maxBytes = maxBytes;
        _reduceAtBytes = maxBytes;
    }

    /// <summary>Messages that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _frames.Count;
        }
    }

    /// <summary>Puts a message in. Never waits.</summary>
    /// <returns>False when the client is so far behind that it must be dropped.</returns>
    public bool Post(Frame frame)
    {
        lock (_gate)
        {
            if (_closed) return true;
            _frames.AddLast(frame);
            _bytes += frame.Bytes.Length;
            if (_frames.Count > _reduceAtFrames || _bytes > _reduceAtBytes) Reduce();
            Signal();
            return _frames.Count <= Patience * _maxFrames && _bytes <= Patience * (long)_maxBytes;
        }
    }

    /// <summary>Waits until no more than half of the limit waits.</summary>
    public Task RoomAsync(CancellationToken cancellationToken) =>
        UntilAsync(() => _closed || (_frames.Count <= _maxFrames / 2 && _bytes <= _maxBytes / 2), cancellationToken);

    /// <summary>The next message; null once closed and empty.</summary>
    public async Task<Frame?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await UntilAsync(() => _closed || _frames.Count > 0, cancellationToken);
            lock (_gate)
            {
                if (_frames.First is { } first)
                {
                    _frames.RemoveFirst();
                    _bytes -= first.Value.Bytes.Length;
                    if (_frames.Count == 0) (_reduceAtFrames, _reduceAtBytes) = (_maxFrames, _maxBytes);
                    Signal();
                    return first.Value;
                }

                if (_closed) return null;
            }
        }
    }

    /// <summary>Takes no more; what waits is dropped.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _frames.Clear();
            _bytes = 0;
            Signal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition()) return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private void Reduce()
    {
        var seen = new HashSet<(string, Guid)>();
        var kept = new LinkedList<Frame>();
        _bytes = 0;
        for (var frame = _frames.Last; frame is not null; frame = frame.Previous)
        {
            if (frame.Value.Subject is { } subject && !seen.Add(subject)) continue;
            kept.AddFirst(frame.Value);
            _bytes += frame.Value.Bytes.Length;
        }

        _frames = kept;
        // Where everything that is left is needed, it is not searched again for each message.
        _reduceAtFrames = Math.Max(_maxFrames, 2 * kept.Count);
        _reduceAtBytes = Math.Max(_maxBytes, 2 * _bytes);
    }
}
