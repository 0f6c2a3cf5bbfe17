using System.Diagnostics.CodeAnalysis;

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
    private Queue<Frame> _frames = new();

    /// <summary>Who waits for a message, and who waits for room; null while nobody does.</summary>
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _room;

    private int _reduceAtFrames;
    private long _reduceAtBytes;
    private long _bytes;
    private bool _closed;

    /// <summary>An empty box.</summary>
    /// <param name="maxFrames">Messages that may wait before they are reduced.</param>
    /// <param name="maxBytes">Bytes that may.</param>
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

    private bool HasRoom => _closed || (_frames.Count <= _maxFrames / 2 && _bytes <= _maxBytes / 2);

    /// <summary>Puts a message in. Never waits.</summary>
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

    /// <summary>Waits until no more than half of the limit waits.</summary>
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

    /// <summary>Waits until there is a message to take; false once closed.</summary>
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

    /// <summary>The next message, if there is one.</summary>
    public bool TryTake([MaybeNullWhen(false)] out Frame frame)
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

    /// <summary>Takes no more; what waits is dropped.</summary>
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
        // Where everything that is left is needed, it is not searched again for each message.
        _reduceAtFrames = Math.Max(_maxFrames, 2 * _frames.Count);
        _reduceAtBytes = Math.Max(_maxBytes, 2 * _bytes);
    }
}
