using System.Collections.Immutable;
using Grainflow.Engine.Execution;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Reads the log of one run for everybody of this gateway who watches it: one reader, however many clients.</summary>
internal sealed class RunFollower(UserFeed feed, Guid runId, Guid? graphId)
{
    private EventProjection? _projection;
    private bool _reading;
    private bool _again;
    private bool _broken;

    public Guid RunId => runId;

    /// <summary>The graph of the run, once it is known. Changed under the lock of the feed.</summary>
    public Guid? GraphId { get; private set; } = graphId;

    /// <summary>The last fact that was handed on; -1 before the run was seen. Changed under the lock of the feed.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>Reads on, unless it does. Called under the lock of the feed.</summary>
    public void Poke()
    {
        if (_broken) return;
        if (_reading)
        {
            _again = true;
            return;
        }

        _reading = true;
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(ReadAsync);
    }

    private async Task ReadAsync()
    {
        for (var more = true; more;)
        {
            try
            {
                await ReadOnAsync();
            }
            catch (Exception exception)
            {
                // Perhaps the database is away. The next notice or check reads on from the same place.
                feed.Failed(exception, runId);
            }

            lock (feed.Gate)
            {
                more = _again && !_broken && !feed.Ended.IsCancellationRequested;
                _again = false;
                _reading = more;
            }
        }
    }

    private async Task ReadOnAsync()
    {
        if (_projection is null)
        {
            if (await feed.Reader.OpenAsync(feed.UserId, runId, feed.Ended) is not { } opened) return;
            _projection = opened;
            lock (feed.Gate) GraphId = Guid.Parse(opened.Watched.Spec.GraphId);
            if (!HandOn(opened, opened.Beginning)) return;
        }

        await foreach (var (sequence, fact) in feed.Reader.ReadAsync(runId, _projection.LogSequence, feed.Ended))
        {
            if (Apply(_projection, sequence, fact) is not { } events || !HandOn(_projection, events)) return;
        }

        if (_projection.Status.IsFinal()) feed.Finished(this);
    }

    private ImmutableArray<LiveEvent>? Apply(EventProjection projection, long sequence, RunEvent fact)
    {
        try
        {
            return projection.Apply(sequence, fact);
        }
        catch (InvalidOperationException exception)
        {
            // The log does not fit the graph: reading it again would say the same.
            feed.Failed(exception, runId);
            lock (feed.Gate) _broken = true;
            return null;
        }
    }

    /// <summary>False when nobody watches the run any more; whoever comes next gets a follower of its own.</summary>
    private bool HandOn(EventProjection projection, ImmutableArray<LiveEvent> events)
    {
        lock (feed.Gate)
        {
            if (!feed.Has(this)) return false;
            Position = projection.LogSequence;
            foreach (var liveEvent in events) feed.Deliver(projection, runId, GraphId!.Value, liveEvent);
            return true;
        }
    }
}
