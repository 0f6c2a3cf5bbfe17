using System.Collections.Immutable;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Storage.Execution;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Reads the log of one run for all subscribers of a user on this gateway: one reader, however many clients.</summary>
/// <remarks>Its lock guards up to where the log is to be read and whether a reading is under way. The reading itself holds no lock; at most one is under way.</remarks>
internal sealed class RunFollower : IDisposable
{
    /// <summary>Stands for the end of the log, wherever it is.</summary>
    private const long ToTheEnd = long.MaxValue;

    private readonly string _userId;
    private readonly RunReader _reader;
    private readonly SubscriptionRegistry _registry;
    private readonly IEventWriter _writer;
    private readonly Action<RunFollower> _ended;
    private readonly Action<Exception, Guid> _failed;
    private readonly CancellationToken _stopping;
    private readonly LogTail _tail;
    private readonly List<(int Event, string Channel)> _unwritten = [];
    private readonly Lock _gate = new();
    private RunProjection? _projection;
    private long _wanted = -1;
    private bool _reading;
    private bool _unreadable;

    /// <summary>Follows a run, from the first call of <see cref="ReadOn"/> on.</summary>
    /// <param name="userId">The user of the run.</param>
    /// <param name="run">The run, and up to where its events were sent.</param>
    /// <param name="reader">Reads runs and logs.</param>
    /// <param name="registry">Sends events to subscribers.</param>
    /// <param name="writer">Writes events.</param>
    /// <param name="ended">Called when the run has ended and all its events were sent.</param>
    /// <param name="failed">Called when the log could not be read; the next <see cref="ReadOn"/> reads it again.</param>
    /// <param name="stopping">Ends the reading, after the query that is under way.</param>
    public RunFollower(
        string userId, FollowedRun run, RunReader reader, SubscriptionRegistry registry, IEventWriter writer,
        Action<RunFollower> ended, Action<Exception, Guid> failed, CancellationToken stopping)
    {
        _userId = userId;
        Run = run;
        _reader = reader;
        _registry = registry;
        _writer = writer;
        _ended = ended;
        _failed = failed;
        _stopping = stopping;
        _tail = reader.Follow(run.RunId);
    }

    public FollowedRun Run { get; }

    /// <summary>Reads on in the background, up to an event that is known to be in the log; without one, to its end.</summary>
    public void ReadOn(long sequence = ToTheEnd)
    {
        lock (_gate)
        {
            if (_unreadable) return;
            _wanted = Math.Max(_wanted, sequence);
            if (_reading) return;
            _reading = true;
        }

        using (ExecutionContext.SuppressFlow()) _ = Task.Run(ReadAsync);
    }

    public void Dispose() => _tail.Dispose();

    private async Task ReadAsync()
    {
        while (true)
        {
            long wanted;
            lock (_gate)
            {
                if (_unreadable || _stopping.IsCancellationRequested || Run.Position >= _wanted)
                {
                    _reading = false;
                    return;
                }

                // One attempt. When the log has less, or cannot be read, the next notice or check asks again.
                (wanted, _wanted) = (_wanted, -1);
            }

            try
            {
                await ReadOnAsync(wanted);
            }
            catch (Exception exception)
            {
                _failed(exception, Run.RunId);
            }
        }
    }

    private async Task ReadOnAsync(long wanted)
    {
        if (_projection is null)
        {
            // A subscription by id was made before the run was deleted, and is shown its end. The subscribers of a graph are not shown deleted runs.
            if (await _reader.OpenAsync(_userId, Run.RunId, includeDeleted: _registry.IsSubscribed(Run.RunId), CancellationToken.None) is not { } opened) return;
            _projection = opened;
            _registry.SetGraph(Run, Guid.Parse(opened.Source.Spec.GraphId));
            if (!Send(opened, opened.Beginning)) return;
        }

        if (wanted != ToTheEnd)
        {
            foreach (var logged in _tail.TakeAfter(_projection.LogSequence))
            {
                if (!ApplyAndSend(_projection, logged.Sequence, logged.ToRunEvent())) return;
            }
        }

        // Another process may have appended events, which are not in the tail of this one.
        if (_projection.LogSequence < wanted)
        {
            await foreach (var (sequence, runEvent) in _reader.ReadAsync(Run.RunId, _projection.LogSequence, CancellationToken.None))
            {
                if (!ApplyAndSend(_projection, sequence, runEvent)) return;
            }
        }

        if (_projection.Run.Status.IsFinal()) _ended(this);
    }

    private bool ApplyAndSend(RunProjection projection, long sequence, RunEvent runEvent) => Apply(projection, sequence, runEvent) is { } events && Send(projection, events);

    private ImmutableArray<ProjectedEvent>? Apply(RunProjection projection, long sequence, RunEvent runEvent)
    {
        try
        {
            return projection.Apply(sequence, runEvent);
        }
        catch (InvalidOperationException exception)
        {
            // The log does not fit the graph or the running program (ADR 0009). Reading it again would fail again.
            _failed(exception, Run.RunId);
            lock (_gate) _unreadable = true;
            return null;
        }
    }

    /// <summary>Sends the live events of one logged event. The registry names the messages that are missing, and they are written here, outside its lock.</summary>
    /// <returns>False when the run was dropped because it had no subscription; a later subscription gets another follower.</returns>
    private bool Send(RunProjection projection, ImmutableArray<ProjectedEvent> events)
    {
        var batch = new EventBatch(projection, events, _writer);
        while (_registry.TrySend(Run, batch, _unwritten))
        {
            if (_unwritten.Count == 0) return true;
            foreach (var (index, channel) in _unwritten) batch.Write(index, channel);
        }

        return false;
    }
}
