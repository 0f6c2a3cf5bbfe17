using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Every open socket of this gateway, by user.</summary>
public sealed class LiveRuns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, UserFeed> _feeds = new(StringComparer.Ordinal);
    private readonly RunReader _reader;
    private readonly RunPositionQueries _heads;
    private readonly IEventWriter _writer;
    private readonly LogSubscription.Factory _listening;
    private readonly LiveOptions _options;
    private int _sockets;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    internal LiveRuns(RunReader reader, RunPositionQueries heads, IEventWriter writer, IClusterClient client, IOptions<LiveOptions> options, TimeProvider clock, ILogger<LiveRuns> logger)
    {
        _reader = reader;
        _heads = heads;
        _writer = writer;
        _clock = clock;
        _logger = logger;
        _options = options.Value;
        _listening = (userId, grew, check) => new LogSubscription(userId, grew, check, client, options.Value.CheckEvery, clock, logger);
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

    /// <summary>Null when there are too many sockets here, of the user or of all.</summary>
    internal UserFeed? Connect(string userId, ClientSocket socket)
    {
        lock (_gate)
        {
            if (_sockets >= _options.MaxSockets) return null;
            if (!_feeds.TryGetValue(userId, out var feed)) _feeds.Add(userId, feed = new UserFeed(userId, _reader, _heads, _writer, _listening, _clock, _logger));
            if (!feed.TryAdd(socket, _options.MaxSocketsPerUser)) return null;
            _sockets++;
            return feed;
        }
    }

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
