using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>
/// The live events of one user on this gateway. It exists while the user has a socket here, and listens to the runs and schedules of the user from the first one on.
/// </summary>
/// <remarks>
/// It has three parts: the <see cref="SubscriptionRegistry"/> (who subscribes; it sends), the <see cref="RunFollowers"/> (which runs are followed; they read), and
/// the <see cref="CatchUp"/> (how a client gets earlier events). The feed itself has no state that changes, and no lock.
/// </remarks>
internal sealed partial class UserFeed : IAsyncDisposable
{
    /// <summary>How late a notice may arrive of a run that had ended before a subscription was made; it must not be shown again then.</summary>
    private static readonly TimeSpan LateNotice = TimeSpan.FromMinutes(5);

    private readonly RunPositionQueries _positions;
    private readonly LogSubscription _logs;
    private readonly SubscriptionRegistry _registry;
    private readonly RunFollowers _followers;
    private readonly CatchUp _catchUp;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    public UserFeed(string userId, RunReader reader, RunPositionQueries positions, IEventWriter writer, LogSubscription.Factory subscribe, TimeProvider clock, ILogger logger)
    {
        UserId = userId;
        _registry = new SubscriptionRegistry(userId);
        _positions = positions;
        _clock = clock;
        _logger = logger;
        _followers = new RunFollowers(userId, reader, positions, _registry, writer, clock, logger);
        _catchUp = new CatchUp(userId, reader, _registry, _followers, writer, clock, logger);
        _logs = subscribe(userId, notice => _followers.LogAdvanced(notice.RunId, notice.GraphId, notice.Sequence), Notify, _followers.CheckAsync,
            new PartialListener(() => _registry.WantsPartial, _registry.SendPartial), NotifyOnboarding);
    }

    public string UserId { get; }

    /// <summary>Adds a socket; false when there are as many as the limit allows.</summary>
    public bool TryAdd(ClientSocket socket, int limit) => _registry.TryAddSocket(socket, limit);

    /// <summary>Removes a socket with its subscriptions; true when it was the last one.</summary>
    public bool Remove(ClientSocket socket)
    {
        var last = _registry.RemoveSocket(socket);
        _followers.DropUnwatched();
        return last;
    }

    /// <summary>Begins to listen; the sockets of a user get notifications without a subscription. Does not throw.</summary>
    public Task ListenAsync() => _logs.StartAsync();

    /// <summary>Sends a message to every socket, subscribed or not.</summary>
    public void Notify(ReadOnlyMemory<byte> message) => _registry.SendToAll(message);

    /// <summary>
    /// Subscribes a socket to a run of the user, and answers it. A run that does not exist, that was deleted, or that belongs to another user is refused with one and
    /// the same error, so that ids cannot be probed.
    /// </summary>
    /// <param name="socket">The socket.</param>
    /// <param name="id">The run as the client named it.</param>
    /// <param name="fromSequence">The number of the last live event that the client has: later ones are sent. Null for those that follow the subscription.</param>
    /// <param name="wantsPartial">Whether the socket gets texts of the run while they are made.</param>
    public async Task SubscribeToRunAsync(ClientSocket socket, string id, long? fromSequence, bool wantsPartial)
    {
        await _logs.StartAsync();
        var position = Guid.TryParse(id, out var runId) ? (await _positions.FindAsync(UserId, [runId], [], _clock.GetUtcNow(), CancellationToken.None)).SingleOrDefault() : null;
        if (position is not { Deleted: false })
        {
            socket.Post(new Frame(ServerMessages.Error($"Graph execution #{id} does not exist."), Subject: null));
            return;
        }

        var subscription = new Subscription(socket, ServerMessages.RunChannel(UserId, id), ofGraph: false, runId) { WantsPartial = wantsPartial };
        if (fromSequence is { } sequence) (subscription.CatchesUp, subscription.AfterSequence) = (true, sequence);
        else subscription.Since[runId] = position.Sequence;
        if (!_registry.TryAdd(subscription, ClientMethod.SubscribeRun)) subscription.End();
        else if (subscription.CatchesUp) _catchUp.Begin(subscription, runId);
        // Without waiting for a notice: what was committed after the position was read may have been announced before the subscription was added.
        else if (!position.Ended) _followers.Follow(runId);
        // The client need not wait for it: it may miss texts in any case.
        if (wantsPartial) _ = _logs.WantPartialAsync();
    }

    /// <summary>Subscribes a socket to all runs of a graph, and answers it. A graph that the user does not have is accepted and sends nothing (contract: websocket, "Client to server").</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="id">The graph as the client named it.</param>
    public async Task SubscribeToGraphAsync(ClientSocket socket, string id)
    {
        await _logs.StartAsync();
        var subscription = new Subscription(socket, ServerMessages.GraphChannel(UserId, id), ofGraph: true, Guid.TryParse(id, out var graphId) ? graphId : null);
        if (subscription.Id is not null)
        {
            foreach (var position in await _positions.FindAsync(UserId, [], [graphId], _clock.GetUtcNow() - LateNotice, CancellationToken.None))
                subscription.Since[position.RunId] = position.Sequence;
        }

        if (!_registry.TryAdd(subscription, ClientMethod.SubscribeGraph)) subscription.End();
        // What was announced before the subscription was added would wait for the next check.
        else if (subscription.Id is not null) _ = CheckAsync();
    }

    /// <summary>Ends a subscription.</summary>
    /// <returns>The channel, or null when no socket of the user was subscribed to it.</returns>
    public string? Unsubscribe(ClientSocket socket, string channel)
    {
        var ended = _registry.Remove(socket, channel);
        _followers.DropUnwatched();
        return ended;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _logs.DisposeAsync();
        await _followers.DisposeAsync();
    }

    private void Notify(ScheduleNotice notice)
    {
        foreach (var payload in ScheduleNotifications.Of(notice)) Notify(ServerMessages.Event("notification", channel: null, payload.Span));
    }

    private void NotifyOnboarding(string? step) => Notify(ServerMessages.Event("notification", channel: null, OnboardingNotifications.Of(step).Span));

    private async Task CheckAsync()
    {
        try
        {
            await _followers.CheckAsync();
        }
        catch (Exception exception)
        {
            // The next regular check finds the same runs.
            if (!_stopping.IsCancellationRequested) CannotCheck(exception, UserId);
        }
    }

    [LoggerMessage(2103, LogLevel.Warning, "The logs of the runs of user {UserId} could not be checked for a new subscription; the next check finds its runs.")]
    private partial void CannotCheck(Exception exception, string userId);
}
