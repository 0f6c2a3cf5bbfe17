namespace Grainflow.Storage.Execution;

/// <summary>The end of one log for one follower. What the follower is slow to take is dropped; the log has it.</summary>
public sealed class LogTail : IDisposable
{
    private const int MaxEvents = 1000;
    private const long MaxBytes = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<LoggedEvent> _events = new();
    private readonly LogTails _tails;
    private long _bytes;

    /// <summary>The last event that was added.</summary>
    private long _last;
    private bool _left;

    internal LogTail(LogTails tails, Guid runId)
    {
        _tails = tails;
        RunId = runId;
    }

    /// <summary>The run.</summary>
    public Guid RunId { get; }

    /// <summary>Takes the events that follow a sequence without a gap. None does not mean that there are none: then the log must be asked.</summary>
    /// <param name="sequence">The last event that the follower has; it never goes back.</param>
    public IReadOnlyList<LoggedEvent> TakeAfter(long sequence)
    {
        lock (_gate)
        {
            while (_events.TryPeek(out var first) && first.Sequence <= sequence) Drop();
            if (_events.Count == 0 || _events.Peek().Sequence > sequence + 1) return [];
            var taken = _events.ToArray();
            Clear();
            return taken;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_left) return;
            _left = true;
        }

        _tails.Leave(this);
    }

    internal void Add(RunCommit commit)
    {
        lock (_gate)
        {
            // Somebody else has written in between: the events before the gap are dropped, so that TakeAfter gives none with a hole in them.
            if (_last != commit.ExpectedSequence) Clear();
            var sequence = commit.ExpectedSequence;
            foreach (var logged in commit.Events)
            {
                _events.Enqueue(new LoggedEvent(++sequence, logged.Kind, logged.At, logged.Body, logged.Output));
                _bytes += Size(logged.Body, logged.Output);
                while (_events.Count > MaxEvents || _bytes > MaxBytes) Drop();
            }

            _last = sequence;
        }
    }

    private static long Size(ReadOnlyMemory<byte> body, NodeOutputRow? output) => body.Length + (output?.Value.Length ?? 0);

    private void Clear()
    {
        _events.Clear();
        _bytes = 0;
    }

    private void Drop()
    {
        var first = _events.Dequeue();
        _bytes -= Size(first.Body, first.Output);
    }
}
