using System.Collections.Immutable;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Storage.Execution;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Reads the log of one run for everybody of this gateway who watches it: one reader, however many clients.</summary>
internal sealed class RunFollower : IDisposable
{
    /// <summary>Reads to the end of the log, wherever it is.</summary>
    private const long ToTheEnd = long.MaxValue;

    private readonly UserFeed _feed;
    private readonly LogTail _tail;
    private RunProjection? _projection;
    private long _wanted = -1;
    private bool _reading;
    private bool _broken;

    public RunFollower(UserFeed feed, Guid runId, Guid? graphId)
    {
        _feed = feed;
        _tail = feed.Reader.Follow(runId);
        RunId = runId;
        GraphId = graphId;
    }

    public Guid RunId { get; }

    /// <summary>The graph of the run, once it is known. Changed under the lock of the feed.</summary>
    public Guid? GraphId { get; private set; }

    /// <summary>The last fact that was handed on; -1 before the run was seen. Changed under the lock of the feed.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>Reads on, unless it does, up to a fact that is known to be there; else to the end. Called under the lock of the feed.</summary>
    public void Poke(long sequence = ToTheEnd)
    {
        if (_broken) return;
        _wanted = Math.Max(_wanted, sequence);
        if (_reading) return;
        _reading = true;
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(ReadAsync);
    }

    /// <summary>Called under the lock of the feed, when it forgets this follower.</summary>
    public void Dispose() => _tail.Dispose();

    private async Task ReadAsync()
    {
        while (true)
        {
            long wanted;
            lock (_feed.Gate)
            {
                if (_broken || _feed.Ended.IsCancellationRequested || Position >= _wanted)
                {
                    _reading = false;
                    return;
                }

                // Whoever finds less than he wanted does not try for ever: the next notice or check asks again.
                (wanted, _wanted) = (_wanted, -1);
            }

            try
            {
                await ReadOnAsync(wanted);
            }
            catch (Exception exception)
            {
                // Perhaps the database is away. The next notice or check reads on from the same place.
                _feed.Failed(exception, RunId);
            }
        }
    }

    private async Task ReadOnAsync(long wanted)
    {
        if (_projection is null)
        {
            if (await _feed.Reader.OpenAsync(_feed.UserId, RunId, _feed.Ended) is not { } opened) return;
            _projection = opened;
            lock (_feed.Gate) GraphId = Guid.Parse(opened.Source.Spec.GraphId);
            if (!HandOn(opened, opened.Beginning)) return;
        }

        if (wanted != ToTheEnd)
        {
            foreach (var logged in _tail.TakeAfter(_projection.LogSequence))
            {
                if (!Take(_projection, logged.Sequence, logged.ToRunEvent())) return;
            }
        }

        // Another process may have written what this one has not seen.
        if (_projection.LogSequence < wanted)
        {
            await foreach (var (sequence, fact) in _feed.Reader.ReadAsync(RunId, _projection.LogSequence, _feed.Ended))
            {
                if (!Take(_projection, sequence, fact)) return;
            }
        }

        if (_projection.Run.Status.IsFinal()) _feed.Finished(this);
    }

    private bool Take(RunProjection projection, long sequence, RunEvent fact) =>
        Apply(projection, sequence, fact) is { } events && HandOn(projection, events);

    private ImmutableArray<ProjectedEvent>? Apply(RunProjection projection, long sequence, RunEvent fact)
    {
        try
        {
            return projection.Apply(sequence, fact);
        }
        catch (InvalidOperationException exception)
        {
            // The log does not fit the graph: reading it again would say the same.
            _feed.Failed(exception, RunId);
            lock (_feed.Gate) _broken = true;
            return null;
        }
    }

    /// <summary>False when nobody watches the run any more; whoever comes next gets a follower of its own.</summary>
    private bool HandOn(RunProjection projection, ImmutableArray<ProjectedEvent> events)
    {
        lock (_feed.Gate)
        {
            if (!_feed.Has(this)) return false;
            Position = projection.LogSequence;
            foreach (var liveEvent in events) _feed.Deliver(projection, RunId, GraphId!.Value, liveEvent);
            return true;
        }
    }
}
