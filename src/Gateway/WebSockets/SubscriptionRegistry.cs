using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// Who subscribes: the sockets of one user on this gateway, their subscriptions, and for each followed run up to where its live events were sent.
/// </summary>
/// <remarks>
/// One lock guards all this, with the state of the <see cref="Subscription"/>s and the <see cref="FollowedRun"/>s. It is held while messages are put into the
/// queues of sockets, which never waits: so every socket gets the live events of a run in order, each once, and none after its subscription has ended. Nothing is
/// read from the database, written as JSON or awaited under it, and no other lock of the feed is taken under it.
/// </remarks>
/// <param name="userId">The user.</param>
internal sealed class SubscriptionRegistry(string userId)
{
    /// <summary>A socket with as many messages waiting gets no partial texts.</summary>
    private const int MostWaiting = 32;

    private readonly Lock _gate = new();
    private readonly HashSet<ClientSocket> _sockets = [];
    private readonly SubscriptionSet _subscriptions = new();
    private readonly Dictionary<Guid, FollowedRun> _runs = [];

    /// <summary>Adds a socket; false when there are as many as the limit allows.</summary>
    public bool TryAddSocket(ClientSocket socket, int limit)
    {
        lock (_gate) return _sockets.Count < limit && _sockets.Add(socket);
    }

    /// <summary>Removes a socket with its subscriptions; true when it was the last one.</summary>
    public bool RemoveSocket(ClientSocket socket)
    {
        lock (_gate)
        {
            foreach (var subscription in _subscriptions.Of(socket).ToList()) End(subscription);
            _sockets.Remove(socket);
            return _sockets.Count == 0;
        }
    }

    /// <summary>Sends a message to every socket, subscribed or not.</summary>
    public void SendToAll(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            foreach (var socket in _sockets) socket.Post(new Frame(message, Subject: null));
        }
    }

    /// <summary>
    /// Adds a subscription and answers its socket, so that the answer precedes the first event. <see cref="Subscription.CatchesUp"/> is set when the last event of its
    /// run was sent after the position was read at which the subscription begins: nothing would follow, so the caller must begin a <see cref="CatchUp"/>.
    /// </summary>
    /// <returns>False when nothing was added: the socket has the channel already, has too many subscriptions, or was removed.</returns>
    public bool TryAdd(Subscription subscription, ClientMethod method)
    {
        var socket = subscription.Socket;
        var done = new Frame(ServerMessages.Done(method, subscription.Channel), Subject: null);
        lock (_gate)
        {
            var own = _subscriptions.Of(socket);
            var same = own.FirstOrDefault(other => other.Channel == subscription.Channel);
            var known = same is not null;
            // Who subscribes once more changes only this.
            if (same is not null) same.WantsPartial = subscription.WantsPartial;
            if (known || own.Count < socket.MaxSubscriptions)
            {
                socket.Post(done);
                if (known || !_sockets.Contains(socket)) return false;
                _subscriptions.Add(subscription);
                if (subscription is { OfGraph: false, Id: { } runId } && _runs.TryGetValue(runId, out var run) && run.HasEnded && subscription.Wants(runId, run.Position))
                    subscription.CatchesUp = true;
                return true;
            }
        }

        socket.Post(new Frame(ServerMessages.Error($"A connection may have {socket.MaxSubscriptions} subscriptions at most"), Subject: null));
        return false;
    }

    /// <summary>Ends the subscription of a socket to a channel, if it has one.</summary>
    /// <returns>The channel, or null when no socket of the user is subscribed to it.</returns>
    public string? Remove(ClientSocket socket, string channel)
    {
        lock (_gate)
        {
            var all = _subscriptions.On(channel);
            if (all.Count == 0) return null;
            if (all.FirstOrDefault(subscription => subscription.Socket == socket) is { } own) End(own);
            return channel;
        }
    }

    /// <summary>The runs and the graphs with subscriptions.</summary>
    public (IReadOnlyList<Guid> Runs, IReadOnlyList<Guid> Graphs) Subjects()
    {
        lock (_gate) return ([.. _subscriptions.Runs], [.. _subscriptions.Graphs]);
    }

    /// <summary>Whether a socket subscribes to a run by its id.</summary>
    public bool IsSubscribed(Guid runId)
    {
        lock (_gate) return _subscriptions.About(ofGraph: false, runId).Count > 0;
    }

    /// <summary>Whether a subscription gets the live events that follow from a logged event.</summary>
    public bool IsWanted(Guid runId, Guid graphId, long logSequence)
    {
        lock (_gate) return Audience(runId, graphId).Any(subscription => subscription.Wants(runId, logSequence));
    }

    /// <summary>Begins to send the events of a run, from its beginning. The caller makes sure that it is sent once at a time.</summary>
    public FollowedRun Open(Guid runId, Guid? graphId)
    {
        var run = new FollowedRun(runId, graphId);
        lock (_gate) _runs[runId] = run;
        return run;
    }

    /// <summary>Ends the sending of a run.</summary>
    public void Close(FollowedRun run)
    {
        lock (_gate)
        {
            if (IsCurrent(run)) _runs.Remove(run.RunId);
        }
    }

    /// <summary>
    /// Ends the sending of a run when neither it nor its graph has a subscription; false when one has. The check and the end are one step, because a subscription that
    /// is added in between would get events twice, from this sending and from the next.
    /// </summary>
    public bool CloseIfUnwatched(FollowedRun run)
    {
        lock (_gate)
        {
            if (Audience(run.RunId, run.GraphId).Any()) return false;
            if (IsCurrent(run)) _runs.Remove(run.RunId);
            return true;
        }
    }

    /// <summary>Sets the graph of a run that was read.</summary>
    public void SetGraph(FollowedRun run, Guid graphId)
    {
        lock (_gate) run.GraphId = graphId;
    }

    /// <summary>Sends the live events of one logged event to the subscriptions that get them, all or none.</summary>
    /// <param name="run">The run, whose graph is known.</param>
    /// <param name="batch">The events.</param>
    /// <param name="unwritten">Gets the messages that must be written before anything is sent: the index of an event and a channel.</param>
    /// <returns>False when this sending of the run was ended.</returns>
    public bool TrySend(FollowedRun run, EventBatch batch, List<(int Event, string Channel)> unwritten)
    {
        unwritten.Clear();
        List<PartialOutput> early = [];
        lock (_gate)
        {
            if (!IsCurrent(run)) return false;
            List<(ClientSocket Socket, Frame Frame)> messages = [];
            for (var i = 0; i < batch.Events.Length; i++)
            {
                var projected = batch.Events[i];
                // The channel of a graph gets the events of runs only, not those of nodes.
                foreach (var subscription in Audience(run.RunId, projected.Node is null ? run.GraphId : null))
                {
                    if (!subscription.Wants(run.RunId, projected.LogSequence) || projected.Sequence <= subscription.AfterSequence) continue;
                    if (batch.TryGet(i, subscription.Channel, out var frame)) messages.Add((subscription.Socket, frame));
                    else if (!unwritten.Contains((i, subscription.Channel))) unwritten.Add((i, subscription.Channel));
                }
            }

            if (unwritten.Count > 0) return true;
            foreach (var (socket, frame) in messages) socket.Post(frame);
            (run.Position, run.HasEnded) = (batch.LogSequence, batch.IsLast);
            foreach (var projected in batch.Events)
                if (projected.Node is { } node && run.Shown(node) is { } partial) early.Add(partial);
        }

        foreach (var partial in early) SendPartial(partial);
        return true;
    }

    /// <summary>Whether a subscription wants texts while they are made.</summary>
    public bool WantsPartial
    {
        get
        {
            lock (_gate) return _subscriptions.Runs.Any(run => _subscriptions.About(ofGraph: false, run).Any(subscription => subscription.WantsPartial));
        }
    }

    /// <summary>Sends a text that is still made to the subscriptions that want it and are not behind; drops it when its node is not shown as running any more.</summary>
    public void SendPartial(PartialOutput partial)
    {
        List<string> channels;
        lock (_gate)
        {
            if (!_runs.TryGetValue(partial.RunId, out var run) || run.HasEnded) return;
            channels = [.. PartialAudience(partial.RunId).Select(subscription => subscription.Channel).Distinct(StringComparer.Ordinal)];
            if (channels.Count == 0) return;
            if (!run.IsRunning(partial.NodeExecutionId))
            {
                run.Keep(partial);
                return;
            }
        }

        var data = PartialMessages.Data(partial, userId);
        var frames = channels.ToDictionary(channel => channel, channel => PartialMessages.Frame(channel, partial.NodeExecutionId, data.Span), StringComparer.Ordinal);
        lock (_gate)
        {
            if (!_runs.TryGetValue(partial.RunId, out var run) || !run.IsRunning(partial.NodeExecutionId)) return;
            foreach (var subscription in PartialAudience(partial.RunId))
                if (subscription.Socket.Waiting < MostWaiting && frames.TryGetValue(subscription.Channel, out var frame)) subscription.Socket.Post(frame);
        }
    }

    /// <summary>Sends an earlier event to a subscription that catches up, unless the subscription has ended.</summary>
    public void SendEarlier(Subscription subscription, Frame frame, long sequence)
    {
        lock (_gate)
        {
            if (subscription.HasEnded) return;
            subscription.Socket.Post(frame);
            subscription.AfterSequence = sequence;
        }
    }

    /// <summary>Lets a subscription that was sent the earlier events get those that follow.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="runId">The run.</param>
    /// <param name="position">The last logged event whose live events it has.</param>
    /// <returns>False when later events were already sent to other subscriptions; the caller must send those first.</returns>
    public bool TryJoin(Subscription subscription, Guid runId, long position)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(runId, out var run) && run.Position > position) return false;
            subscription.Since[runId] = position;
            subscription.CatchesUp = false;
            return true;
        }
    }

    private bool IsCurrent(FollowedRun run) => ReferenceEquals(_runs.GetValueOrDefault(run.RunId), run);

    private IEnumerable<Subscription> PartialAudience(Guid runId) =>
        _subscriptions.About(ofGraph: false, runId).Where(subscription => subscription is { WantsPartial: true, CatchesUp: false });

    private IEnumerable<Subscription> Audience(Guid runId, Guid? graphId)
    {
        IEnumerable<Subscription> audience = _subscriptions.About(ofGraph: false, runId);
        return graphId is { } graph ? audience.Concat(_subscriptions.About(ofGraph: true, graph)) : audience;
    }

    private void End(Subscription subscription)
    {
        _subscriptions.Remove(subscription);
        subscription.End();
    }
}
