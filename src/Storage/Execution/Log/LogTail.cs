using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Grainflow.Storage.Execution;

/// <summary>The last events of one log for one follower. When the follower reads too slowly, the oldest are dropped; the log has them.</summary>
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

    /// <summary>Removes and returns the events that follow a sequence without a gap. An empty answer does not mean that there are none; the caller then has to read the log.</summary>
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
            // Another process has written in between. The events before the gap are dropped, so that the answer has no gap inside.
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

/// <summary>
/// The last events of the logs that are followed in this process, as far as they are written in this process. A follower beside the
/// writer need not query the database for what the writer has just sent to it (ADR 0013).
/// </summary>
public sealed class LogTails
{
    private readonly ConcurrentDictionary<Guid, ImmutableArray<LogTail>> _tails = new();

    /// <summary>Collects what is appended to a run from now on, until the tail is disposed.</summary>
    /// <param name="runId">The run.</param>
    public LogTail Follow(Guid runId)
    {
        var tail = new LogTail(this, runId);
        _tails.AddOrUpdate(runId, static (_, added) => [added], static (_, tails, added) => tails.Add(added), tail);
        return tail;
    }

    /// <summary>Adds a durable commit. Called in the order of the log, before the commit is answered.</summary>
    internal void Committed(RunCommit commit)
    {
        if (!_tails.TryGetValue(commit.RunId, out var tails)) return;
        foreach (var tail in tails) tail.Add(commit);
    }

    internal void Leave(LogTail tail)
    {
        while (_tails.TryGetValue(tail.RunId, out var tails))
        {
            var rest = tails.Remove(tail);
            if (rest.IsEmpty ? _tails.TryRemove(KeyValuePair.Create(tail.RunId, tails)) : _tails.TryUpdate(tail.RunId, rest, tails)) return;
        }
    }
}
