using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Which runs are followed for the subscribers of one user: those with a subscription, from a notice or a check that names them until they end.</summary>
/// <remarks>
/// Its lock guards the followers and the runs that have ended. The lock of the <see cref="SubscriptionRegistry"/> or of a <see cref="RunFollower"/> may be taken
/// under it, never the other way round, and nothing is awaited under it.
/// </remarks>
internal sealed partial class RunFollowers : IAsyncDisposable
{
    /// <summary>The largest difference between the clocks of hosts that a check allows for.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromSeconds(15);

    private readonly string _userId;
    private readonly RunReader _reader;
    private readonly RunPositionQueries _positions;
    private readonly SubscriptionRegistry _registry;
    private readonly IEventWriter _writer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, RunFollower> _followers = [];

    /// <summary>
    /// Runs whose last event was sent, as long as a check or a late notice may name them again. They stay open in the registry, so that a subscription which catches
    /// up gets all events, and none gets an event twice.
    /// </summary>
    private readonly Dictionary<Guid, FollowedRun> _ended = [];
    private readonly Queue<(Guid RunId, DateTimeOffset At)> _endedOrder = new();
    private DateTimeOffset _checkedAt;

    public RunFollowers(string userId, RunReader reader, RunPositionQueries positions, SubscriptionRegistry registry, IEventWriter writer, TimeProvider clock, ILogger logger)
    {
        _userId = userId;
        _reader = reader;
        _positions = positions;
        _registry = registry;
        _writer = writer;
        _clock = clock;
        _logger = logger;
        _checkedAt = clock.GetUtcNow();
    }

    /// <summary>Follows a run that has a subscription by its id, unless its last event was sent: reads to the end of its log now, and on when it is named.</summary>
    public void Follow(Guid runId)
    {
        lock (_gate)
        {
            // The subscription may have ended meanwhile; then nothing would drop the follower.
            if (!_ended.ContainsKey(runId) && _registry.IsSubscribed(runId)) Get(runId, graphId: null).ReadOn();
        }
    }

    /// <summary>Reads on in a log that has advanced, when a subscription gets what follows.</summary>
    public void LogAdvanced(Guid runId, Guid graphId, long sequence)
    {
        lock (_gate)
        {
            if (_followers.TryGetValue(runId, out var follower))
            {
                if (sequence > follower.Run.Position) follower.ReadOn(sequence);
            }
            else if (!_ended.ContainsKey(runId) && _registry.IsWanted(runId, graphId, sequence))
            {
                Get(runId, graphId).ReadOn();
            }
        }
    }

    /// <summary>Drops the followers of runs without a subscription.</summary>
    public void DropUnwatched()
    {
        lock (_gate)
        {
            foreach (var follower in _followers.Values.ToList())
            {
                if (_registry.CloseIfUnwatched(follower.Run)) Drop(follower);
            }
        }
    }

    /// <summary>
    /// Finds what no notice has named: runs under way that have a subscription, and runs that began since the last check. A run that began before the last check
    /// and had not ended then is followed since.
    /// </summary>
    public async Task CheckAsync()
    {
        var now = _clock.GetUtcNow();
        var (subscribed, graphs) = _registry.Subjects();
        Guid[] runs;
        DateTimeOffset newSince;
        lock (_gate)
        {
            runs = [.. _followers.Keys.Union(subscribed).Except(_ended.Keys)];
            newSince = _checkedAt - ClockDifference;
        }

        if (runs.Length + graphs.Count > 0)
        {
            foreach (var position in await _positions.FindAsync(_userId, runs, graphs, newSince, CancellationToken.None)) LogAdvanced(position.RunId, position.GraphId, position.Sequence);
        }

        lock (_gate) Checked(now);
    }

    /// <summary>Drops the follower of a run that has ended and whose events were all sent.</summary>
    public void Ended(RunFollower follower)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_followers.GetValueOrDefault(follower.Run.RunId), follower)) return;
            Drop(follower);
            _ended.Add(follower.Run.RunId, follower.Run);
            _endedOrder.Enqueue((follower.Run.RunId, _clock.GetUtcNow()));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        lock (_gate)
        {
            foreach (var follower in _followers.Values.ToList())
            {
                _registry.Close(follower.Run);
                Drop(follower);
            }
        }
    }

    private RunFollower Get(Guid runId, Guid? graphId)
    {
        if (!_followers.TryGetValue(runId, out var follower))
            _followers.Add(runId, follower = new RunFollower(_userId, _registry.Open(runId, graphId), _reader, _registry, _writer, Ended, Failed, _stopping.Token));
        return follower;
    }

    private void Drop(RunFollower follower)
    {
        _followers.Remove(follower.Run.RunId);
        follower.Dispose();
    }

    /// <summary>
    /// Records a check, and drops the ended runs that no later check can find as new: a run began before it ended, whichever clock measured it. A run with a
    /// subscription by its id is found by every check, so it stays.
    /// </summary>
    private void Checked(DateTimeOffset began)
    {
        if (began > _checkedAt) _checkedAt = began;
        while (_endedOrder.TryPeek(out var oldest) && oldest.At < _checkedAt - (2 * ClockDifference))
        {
            var (runId, _) = _endedOrder.Dequeue();
            if (_registry.IsSubscribed(runId)) _endedOrder.Enqueue((runId, _checkedAt));
            else if (_ended.Remove(runId, out var run)) _registry.Close(run);
        }
    }

    private void Failed(Exception exception, Guid runId)
    {
        if (!_stopping.IsCancellationRequested) CannotRead(exception, runId);
    }

    [LoggerMessage(2101, LogLevel.Warning, "The log of run {RunId} could not be read for its subscribers; the next notice or check reads it again.")]
    private partial void CannotRead(Exception exception, Guid runId);
}
