using System.Diagnostics.CodeAnalysis;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// The messages that wait for one client, within limits. A live event shows the state of its subject, so for a client that is too slow the older events of each
/// subject are dropped: it gets the latest state, and the queue stays bounded (DESIGN section 8). Values that only a dropped event showed are in the last event of
/// the subject, as far as its limits go.
/// </summary>
internal sealed class Outbox
{
    /// <summary>How many times the limit may wait even after that, before the client is dropped.</summary>
    private const int Patience = 4;

    private readonly Lock _gate = new();
    private readonly int _maxFrames;
    private readonly int _maxBytes;
    private Queue<Frame> _frames = new();

    /// <summary>Signals that a message has arrived, and that there is room; null while nothing waits for it.</summary>
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _room;

    private int _reduceAtFrames;
    private long _reduceAtBytes;
    private long _bytes;
    private bool _closed;

    /// <summary>An empty queue.</summary>
    /// <param name="maxFrames">How many messages may wait before older ones are dropped.</param>
    /// <param name="maxBytes">How many bytes may.</param>
    public Outbox(int maxFrames, int maxBytes)
    {
        _maxFrames = _reduceAtFrames = maxFrames;
        _maxBytes = maxBytes;
        _reduceAtBytes = maxBytes;
    }

    /// <summary>How many messages wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _frames.Count;
        }
    }

    private bool HasRoom => _closed || (_frames.Count <= _maxFrames / 2 && _bytes <= _maxBytes / 2);

    /// <summary>Adds a message. Never waits.</summary>
    /// <returns>False when the client is so far behind that it must be dropped.</returns>
    public bool Post(Frame frame)
    {
        lock (_gate)
        {
            if (_closed) return true;
            _frames.Enqueue(frame);
            _bytes += frame.Bytes.Length;
            if (_frames.Count > _reduceAtFrames || _bytes > _reduceAtBytes) Reduce();
            Wake(ref _arrival);
            return _frames.Count <= Patience * _maxFrames && _bytes <= Patience * (long)_maxBytes;
        }
    }

    /// <summary>Waits until the queue is at most half as long as the limits allow, or closed.</summary>
    public async Task RoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (HasRoom) return;
                room = (_room ??= NewSignal()).Task;
            }

            await room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until there is a message; false when the queue is closed.</summary>
    public async ValueTask<bool> ReadyAsync()
    {
        while (true)
        {
            Task arrival;
            lock (_gate)
            {
                if (_closed) return false;
                if (_frames.Count > 0) return true;
                arrival = (_arrival ??= NewSignal()).Task;
            }

            await arrival;
        }
    }

    /// <summary>Removes the next message, if there is one.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out Frame frame)
    {
        lock (_gate)
        {
            if (!_frames.TryDequeue(out frame)) return false;
            _bytes -= frame.Bytes.Length;
            if (_frames.Count == 0) (_reduceAtFrames, _reduceAtBytes) = (_maxFrames, _maxBytes);
            if (_room is not null && HasRoom) Wake(ref _room);
            return true;
        }
    }

    /// <summary>Drops what waits and what is added later.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _frames.Clear();
            _bytes = 0;
            Wake(ref _arrival);
            Wake(ref _room);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Wake(ref TaskCompletionSource? waiting)
    {
        waiting?.TrySetResult();
        waiting = null;
    }

    private void Reduce()
    {
        var seen = new HashSet<(string, Guid)>();
        var kept = new Stack<Frame>(_frames.Count);
        _bytes = 0;
        foreach (var frame in _frames.Reverse())
        {
            if (frame.Subject is { } subject && !seen.Add(subject)) continue;
            kept.Push(frame);
            _bytes += frame.Bytes.Length;
        }

        _frames = new Queue<Frame>(kept);
        // When nothing could be dropped, the next search waits until twice as much waits; otherwise each message would search the whole queue.
        _reduceAtFrames = Math.Max(_maxFrames, 2 * _frames.Count);
        _reduceAtBytes = Math.Max(_maxBytes, 2 * _bytes);
    }
}
