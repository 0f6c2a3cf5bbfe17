using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.WebSockets;

/// <summary>The open sockets of this gateway, in one <see cref="UserFeed"/> for each user.</summary>
public sealed class LiveRuns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, UserFeed> _feeds = new(StringComparer.Ordinal);
    private readonly RunReader _reader;
    private readonly RunPositionQueries _positions;
    private readonly IEventWriter _writer;
    private readonly LogSubscription.Factory _subscribe;
    private readonly LiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private int _sockets;

    internal LiveRuns(RunReader reader, RunPositionQueries positions, IEventWriter writer, IClusterClient client, IOptions<LiveOptions> options, TimeProvider clock, ILogger<LiveRuns> logger)
    {
        _reader = reader;
        _positions = positions;
        _writer = writer;
        _clock = clock;
        _logger = logger;
        _options = options.Value;
        _subscribe = (userId, advanced, noticed, check, partial, progressed) => new LogSubscription(userId, advanced, noticed, check, client, options.Value.CheckEvery, clock, logger, partial, progressed);
    }

    /// <summary>Sends a notification to every socket of a user on this gateway (contract: websocket, "Notification payload").</summary>
    /// <param name="userId">The user.</param>
    /// <param name="payload">An object with <c>type</c> and <c>event</c>.</param>
    public void Notify(string userId, JsonElement payload)
    {
        UserFeed? feed;
        lock (_gate) feed = _feeds.GetValueOrDefault(userId);
        feed?.Notify(ServerMessages.Event("notification", channel: null, JsonValues.CompactUtf8(payload)));
    }

    /// <summary>Adds a socket to the feed of its user; null when the user, or the gateway, has as many sockets as the limits allow.</summary>
    internal UserFeed? Connect(string userId, ClientSocket socket)
    {
        lock (_gate)
        {
            if (_sockets >= _options.MaxSockets) return null;
            if (!_feeds.TryGetValue(userId, out var feed)) _feeds.Add(userId, feed = new UserFeed(userId, _reader, _positions, _writer, _subscribe, _clock, _logger));
            if (!feed.TryAdd(socket, _options.MaxSocketsPerUser)) return null;
            _sockets++;
            return feed;
        }
    }

    /// <summary>Removes a socket, and ends the feed of its user with the last one.</summary>
    internal async Task DisconnectAsync(UserFeed feed, ClientSocket socket)
    {
        lock (_gate)
        {
            _sockets--;
            if (!feed.Remove(socket)) return;
            _feeds.Remove(feed.UserId);
        }

        await feed.DisposeAsync();
    }
}
