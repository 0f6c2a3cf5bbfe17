using System.Net.WebSockets;
using Grainflow.Gateway.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>A subscription that is made, caught up and ended while the live events of its run are sent to others.</summary>
public sealed class SubscriptionRegistryTests : IDisposable
{
    private const string Channel = "the channel of the run";

    private static readonly Guid RunId = new("00000000-0000-4000-8000-000000000001");
    private static readonly Guid GraphId = new("00000000-0000-4000-8000-000000000002");

    private readonly SubscriptionRegistry _registry = new("user");
    private readonly ClientSocket _socket = new(
        WebSocket.CreateFromStream(new MemoryStream(), new WebSocketCreationOptions { IsServer = true }), null, new LiveOptions(), TimeProvider.System, NullLogger.Instance);

    public SubscriptionRegistryTests() => Assert.True(_registry.TryAddSocket(_socket, 1));

    public void Dispose() => _socket.Dispose();

    [Theory]
    [InlineData(-1, false, false)]
    [InlineData(5, true, false)]
    [InlineData(6, true, true)]
    [InlineData(6, false, false)]
    public void The_end_of_a_run_that_was_sent_after_its_position_was_read_and_before_it_was_added_is_caught_up(long sent, bool ended, bool catchesUp)
    {
        var run = _registry.Open(RunId, GraphId);
        (run.Position, run.HasEnded) = (sent, ended);
        var subscription = Subscribe(since: 5);

        Assert.Equal(catchesUp, subscription.CatchesUp);
        Assert.Equal(!catchesUp, subscription.Wants(RunId, 6));
    }

    [Fact]
    public void A_run_that_nobody_follows_has_nothing_to_catch_up() => Assert.False(Subscribe(since: 5).CatchesUp);

    [Fact]
    public void It_joins_the_others_once_it_has_what_they_have()
    {
        var run = _registry.Open(RunId, GraphId);
        (run.Position, run.HasEnded) = (7, true);
        var subscription = Subscribe(since: 5);

        Assert.False(_registry.TryJoin(subscription, RunId, 6));
        Assert.True(subscription.CatchesUp);
        Assert.True(_registry.TryJoin(subscription, RunId, 7));

        Assert.False(subscription.CatchesUp);
        Assert.Equal((false, true), (subscription.Wants(RunId, 7), subscription.Wants(RunId, 8)));
    }

    [Fact]
    public void Nothing_earlier_is_sent_to_it_after_its_end()
    {
        var subscription = Subscribe(since: 0);
        var waiting = _socket.Waiting;
        _registry.SendEarlier(subscription, default, 1);
        Assert.Equal((waiting + 1, 1), (_socket.Waiting, subscription.AfterSequence));

        Assert.Equal(Channel, _registry.Remove(_socket, Channel));
        _registry.SendEarlier(subscription, default, 2);

        Assert.Equal((waiting + 1, 1), (_socket.Waiting, subscription.AfterSequence));
    }

    [Fact]
    public void A_run_is_closed_only_when_neither_it_nor_its_graph_has_a_subscription()
    {
        var run = _registry.Open(RunId, GraphId);
        Subscribe(since: 0);
        Assert.True(_registry.TryAdd(new Subscription(_socket, "the channel of the graph", ofGraph: true, GraphId), ClientMethod.SubscribeGraph));

        Assert.False(_registry.CloseIfUnwatched(run));
        _registry.Remove(_socket, Channel);
        Assert.False(_registry.CloseIfUnwatched(run));
        _registry.Remove(_socket, "the channel of the graph");
        Assert.True(_registry.CloseIfUnwatched(run));
    }

    private Subscription Subscribe(long since)
    {
        var subscription = new Subscription(_socket, Channel, ofGraph: false, RunId);
        subscription.Since[RunId] = since;
        Assert.True(_registry.TryAdd(subscription, ClientMethod.SubscribeRun));
        return subscription;
    }
}
