using System.Data.Common;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// The sockets of one user on this gateway, what they subscribe to, and the runs that are read for them. It lives while the user
/// has a socket here, and listens from the first subscription on.
/// </summary>
internal sealed partial class UserFeed : IAsyncDisposable
{
    /// <summary>How far the clocks of hosts may differ.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromSeconds(15);

    /// <summary>How late a notice may come of a run that had ended before a subscription began.</summary>
    private static readonly TimeSpan LateNotice = TimeSpan.FromMinutes(5);

    /// <summary>How many clients are sent earlier events at once; each is a reading of a whole log.</summary>
    private const int MaxCatchingUp = 8;

    /// <summary>How long a client that is sent earlier events waits for a database that is away.</summary>
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    private readonly RunPositionQueries _heads;
    private readonly LogSubscription _listening;
    private readonly IEventWriter _writer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _catchingUp = new(MaxCatchingUp);
    private readonly HashSet<ClientSocket> _sockets = [];
    private readonly SubscriptionSet _subscriptions = new();
    private readonly Dictionary<Guid, RunFollower> _followers = [];
    /// <summary>Runs that were shown to their end, for as long as a check or a late notice may tell of them again.</summary>
    private readonly HashSet<Guid> _finished = [];
    private readonly Queue<(Guid RunId, DateTimeOffset At)> _finishedOrder = new();
    private DateTimeOffset _checkedAt;

    public UserFeed(string userId, RunReader reader, RunPositionQueries heads, IEventWriter writer, LogSubscription.Factory listening, TimeProvider clock, ILogger logger)
    {
        UserId = userId;
        Reader = reader;
        _heads = heads;
        _writer = writer;
        _clock = clock;
        _logger = logger;
        _checkedAt = clock.GetUtcNow();
        _listening = listening(userId, Grew, CheckAsync);
    }

    public string UserId { get; }

    public RunReader Reader { get; }

    /// <summary>Guards all that changes, here and in the followers. Nothing waits while it holds it.</summary>
    public Lock Gate { get; } = new();

    public CancellationToken Ended => _ended.Token;

    /// <summary>Takes a socket; false when there are so many already.</summary>
    public bool TryAdd(ClientSocket socket, int limit)
    {
        lock (Gate) return _sockets.Count < limit && _sockets.Add(socket);
    }

    /// <summary>Forgets a socket with its subscriptions; true when it was the last one.</summary>
    public bool Remove(ClientSocket socket)
    {
        lock (Gate)
        {
            foreach (var subscription in _subscriptions.Of(socket).ToList()) End(subscription);
            _sockets.Remove(socket);
            return _sockets.Count == 0;
        }
    }

    /// <summary>Sends a message to every socket, subscribed or not.</summary>
    public void Notify(ReadOnlyMemory<byte> message)
    {
        lock (Gate)
        {
            foreach (var socket in _sockets) socket.Post(new Frame(message, Subject: null));
        }
    }

    /// <summary>Subscribes a socket and answers it. Events from after the answer on are sent, and those after <paramref name="fromSequence"/> before.</summary>
    public async Task SubscribeAsync(ClientSocket socket, ClientMethod method, string channel, bool ofGraph, string id, long? fromSequence)
    {
        await _listening.StartAsync();
        var subscription = new Subscription(socket, channel, ofGraph, Guid.TryParse(id, out var parsed) ? parsed : null);
        IReadOnlyList<RunPosition> heads = [];
        if (subscription.Id is { } named)
            heads = await _heads.FindAsync(UserId, ofGraph ? [] : [named], ofGraph ? [named] : [], _clock.GetUtcNow() - LateNotice, Ended);
        foreach (var head in heads) subscription.Since[head.RunId] = head.Sequence;
        lock (Gate)
        {
            var mine = _subscriptions.Of(socket);
            var known = mine.Any(other => other.Channel == channel);
            if (!known && mine.Count >= socket.MaxSubscriptions)
            {
                socket.Post(new Frame(ServerMessages.Error($"A connection may have {socket.MaxSubscriptions} subscriptions at most"), Subject: null));
                subscription.End();
                return;
            }

            socket.Post(new Frame(ServerMessages.Done(method, channel), Subject: null));
            if (known || !_sockets.Contains(socket))
            {
                subscription.End();
                return;
            }

            _subscriptions.Add(subscription);
            if (subscription.Id is not { } subject) return;
            // What was committed since the heads were read and told before the subscription stood would wait for the next check.
            if (ofGraph)
            {
                _ = CheckAfterAsync();
            }
            else if (fromSequence is { } from)
            {
                subscription.CatchesUp = true;
                subscription.AfterSequence = from;
                _ = CatchUpAsync(subscription, subject);
            }
            else if (!heads.Any(head => head.Ended))
            {
                Follow(subject).Poke();
            }
        }
    }

    /// <summary>Ends a subscription.</summary>
    /// <returns>The channel, or null when nobody was subscribed to it.</returns>
    public string? Unsubscribe(ClientSocket socket, string channel)
    {
        lock (Gate)
        {
            var all = _subscriptions.On(channel);
            if (all.Count == 0) return null;
            if (all.FirstOrDefault(subscription => subscription.Socket == socket) is { } mine) End(mine);
            return channel;
        }
    }

    /// <summary>Whether a follower is still the one of its run. Called under the lock.</summary>
    public bool Has(RunFollower follower) => ReferenceEquals(_followers.GetValueOrDefault(follower.RunId), follower);

    /// <summary>Hands an event to those who want it: written once, and once for each channel. Called under the lock.</summary>
    public void Deliver(RunProjection projection, Guid runId, Guid graphId, ProjectedEvent liveEvent)
    {
        ReadOnlyMemory<byte> data = default;
        Dictionary<string, Frame>? frames = null;
        IEnumerable<Subscription> audience = _subscriptions.About(ofGraph: false, runId);
        if (liveEvent.Node is null) audience = audience.Concat(_subscriptions.About(ofGraph: true, graphId));
        foreach (var subscription in audience)
        {
            if (liveEvent.Sequence <= subscription.AfterSequence || !subscription.Wants(runId, liveEvent.LogSequence)) continue;
            frames ??= new Dictionary<string, Frame>(StringComparer.Ordinal);
            if (!frames.TryGetValue(subscription.Channel, out var frame))
            {
                if (data.IsEmpty) data = _writer.Write(projection, liveEvent);
                frames.Add(subscription.Channel, frame = ServerMessages.Frame(subscription.Channel, runId, liveEvent, data.Span));
            }

            subscription.Socket.Post(frame);
        }
    }

    /// <summary>A run has ended and everything of it was handed on.</summary>
    public void Finished(RunFollower follower)
    {
        lock (Gate)
        {
            if (!Has(follower)) return;
            Forget(follower);
            if (_finished.Add(follower.RunId)) _finishedOrder.Enqueue((follower.RunId, _clock.GetUtcNow()));
        }
    }

    public void Failed(Exception exception, Guid runId)
    {
        if (!_ended.IsCancellationRequested) CannotRead(exception, runId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _listening.DisposeAsync();
        lock (Gate)
        {
            foreach (var follower in _followers.Values.ToList()) Forget(follower);
        }
    }

    private void End(Subscription subscription)
    {
        _subscriptions.Remove(subscription);
        subscription.End();
        foreach (var follower in _followers.Values.ToList())
        {
            if (!IsWatched(follower)) Forget(follower);
        }
    }

    private void Forget(RunFollower follower)
    {
        _followers.Remove(follower.RunId);
        follower.Dispose();
    }

    private bool IsWatched(RunFollower follower) =>
        _subscriptions.About(ofGraph: false, follower.RunId).Count > 0
        || (follower.GraphId is { } graphId && _subscriptions.About(ofGraph: true, graphId).Count > 0);

    private RunFollower Follow(Guid runId, Guid? graphId = null)
    {
        if (!_followers.TryGetValue(runId, out var follower)) _followers.Add(runId, follower = new RunFollower(this, runId, graphId));
        return follower;
    }

    /// <summary>A log has grown, perhaps.</summary>
    private void Grew(LogAdvanced notice)
    {
        lock (Gate) Grew(notice.RunId, notice.GraphId, notice.Sequence);
    }

    private void Grew(Guid runId, Guid graphId, long sequence)
    {
        if (_followers.TryGetValue(runId, out var follower))
        {
            if (sequence > follower.Position) follower.Poke(sequence);
        }
        else if (!_finished.Contains(runId)
            && _subscriptions.About(ofGraph: false, runId).Concat(_subscriptions.About(ofGraph: true, graphId)).Any(subscription => subscription.Wants(runId, sequence)))
        {
            Follow(runId, graphId).Poke();
        }
    }

    private async Task CheckAfterAsync()
    {
        try
        {
            await CheckAsync();
        }
        catch (Exception exception)
        {
            // The check that comes by itself finds the same.
            if (!_ended.IsCancellationRequested) CannotCheck(exception, UserId);
        }
    }

    /// <summary>
    /// Looks for what no notice told of: runs that are under way, and those that have begun since the last check. Whatever began before
    /// it and had not ended is followed since then.
    /// </summary>
    private async Task CheckAsync()
    {
        var now = _clock.GetUtcNow();
        Guid[] runs;
        Guid[] graphs;
        DateTimeOffset newSince;
        lock (Gate)
        {
            if (_subscriptions.IsEmpty)
            {
                Checked(now);
                return;
            }

            runs = [.. _followers.Keys.Union(_subscriptions.Runs).Except(_finished)];
            graphs = [.. _subscriptions.Graphs];
            newSince = _checkedAt - ClockDifference;
        }

        var heads = await _heads.FindAsync(UserId, runs, graphs, newSince, Ended);
        lock (Gate)
        {
            foreach (var head in heads) Grew(head.RunId, head.GraphId, head.Sequence);
            Checked(now);
        }
    }

    /// <summary>
    /// Notes a check, and forgets the ends that no later one can find, because a run ends after it began, whichever clock says so. A check
    /// finds a run by its name for as long as somebody is subscribed to it.
    /// </summary>
    private void Checked(DateTimeOffset began)
    {
        if (began > _checkedAt) _checkedAt = began;
        while (_finishedOrder.TryPeek(out var oldest) && oldest.At < _checkedAt - (2 * ClockDifference))
        {
            var (runId, _) = _finishedOrder.Dequeue();
            if (_subscriptions.About(ofGraph: false, runId).Count > 0) _finishedOrder.Enqueue((runId, _checkedAt));
            else _finished.Remove(runId);
        }
    }

    /// <summary>Sends earlier events, each when the client has room, until the follower of the run has nothing that was not sent.</summary>
    private async Task CatchUpAsync(Subscription subscription, Guid runId)
    {
        var cancellationToken = subscription.Ended;
        var entered = false;
        try
        {
            await _catchingUp.WaitAsync(cancellationToken);
            entered = true;
            await Task.Yield();
            // From the beginning after a failure too: the number of the last event that was sent is kept, and nothing is sent twice.
            while (!await TryCatchUpAsync(subscription, runId)) await Task.Delay(TryAgain, _clock, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has left the channel.
        }
        catch (Exception exception)
        {
            // A client that does not get what it asked for must ask again.
            CannotRead(exception, runId);
            subscription.Socket.Fail();
        }
        finally
        {
            if (entered) _catchingUp.Release();
        }
    }

    /// <summary>True when the subscription has all there is, or there is nothing for it; false when the database is away for the moment.</summary>
    private async Task<bool> TryCatchUpAsync(Subscription subscription, Guid runId)
    {
        var cancellationToken = subscription.Ended;
        try
        {
            var projection = await Reader.OpenAsync(UserId, runId, cancellationToken);
            if (projection is null)
            {
                // There is no such run yet: whoever follows it sends its events from the first one on.
                if (Join(subscription, runId, -1, ended: false)) return true;
                // A follower has read from it, so it was created since it was looked for, or was deleted. A deletion is final: looking again and
                // again would ask the database until the run ends. The run counts as not found then, and the subscription gets no events.
                projection = await Reader.OpenAsync(UserId, runId, cancellationToken);
                if (projection is null) return true;
            }

            foreach (var liveEvent in projection.Beginning) await SendAsync(subscription, projection, runId, liveEvent);
            do
            {
                await foreach (var (sequence, fact) in Reader.ReadAsync(runId, projection.LogSequence, cancellationToken))
                {
                    foreach (var liveEvent in projection.Apply(sequence, fact)) await SendAsync(subscription, projection, runId, liveEvent);
                }
            }
            while (!Join(subscription, runId, projection.LogSequence, projection.Run.Status.IsFinal()));
            return true;
        }
        catch (DbException exception) when (exception.IsTransient)
        {
            CannotRead(exception, runId);
            return false;
        }
    }

    private async Task SendAsync(Subscription subscription, RunProjection projection, Guid runId, ProjectedEvent liveEvent)
    {
        if (liveEvent.Sequence <= subscription.AfterSequence) return;
        var frame = ServerMessages.Frame(subscription.Channel, runId, liveEvent, _writer.Write(projection, liveEvent).Span);
        await subscription.Socket.PostWithRoomAsync(frame, subscription.Ended);
        subscription.AfterSequence = liveEvent.Sequence;
    }

    /// <summary>From now on the events of the follower are sent; false when it is ahead of what was sent.</summary>
    private bool Join(Subscription subscription, Guid runId, long position, bool ended)
    {
        lock (Gate)
        {
            if (_followers.TryGetValue(runId, out var follower) && follower.Position > position) return false;
            subscription.Since[runId] = position;
            subscription.CatchesUp = false;
            if (!ended && !subscription.Ended.IsCancellationRequested) Follow(runId).Poke();
            return true;
        }
    }

    [LoggerMessage(2103, LogLevel.Warning, "The logs of runs of user {UserId} could not be looked at.")]
    private partial void CannotCheck(Exception exception, string userId);

    [LoggerMessage(2101, LogLevel.Warning, "The log of run {RunId} could not be read for its watchers.")]
    private partial void CannotRead(Exception exception, Guid runId);
}
