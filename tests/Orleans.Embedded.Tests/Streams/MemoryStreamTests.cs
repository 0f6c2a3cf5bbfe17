using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Tests.Support;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Tests.Streams;

public sealed class MemoryStreamTests
{
    [Fact]
    public async Task Everybody_who_listens_gets_every_item_in_order()
    {
        await using var silo = await StartAsync();
        var (first, second) = (new Listener(), new Listener());
        await Stream(silo).SubscribeAsync(first);
        await Stream(silo).SubscribeAsync(second);

        for (var i = 0; i < 1000; i++) await Stream(silo).OnNextAsync($"{i}");

        var expected = Enumerable.Range(0, 1000).Select(i => $"{i}").ToArray();
        Assert.Equal(expected, await first.TakeAsync(1000));
        Assert.Equal(expected, await second.TakeAsync(1000));
    }

    [Fact]
    public async Task Only_items_after_the_subscription_and_of_the_same_stream_are_delivered()
    {
        await using var silo = await StartAsync();
        var listener = new Listener();
        await Stream(silo).OnNextAsync("before");
        await Stream(silo).SubscribeAsync(listener);

        await Stream(silo, "another").OnNextAsync("elsewhere");
        await Provider(silo).GetStream<string>(StreamId.Create(null, "key")).OnNextAsync("another namespace");
        await Stream(silo).OnNextAsync("after");

        Assert.Equal(["after"], await listener.TakeAsync(1));
    }

    [Fact]
    public async Task Publishing_does_not_wait_for_listeners()
    {
        await using var silo = await StartAsync();
        await Stream(silo).SubscribeAsync(async (item, _) =>
        {
            await silo.Probe.Opened("gate");
            silo.Probe.Happened($"took {item}");
        });

        await Stream(silo).OnNextAsync("one");
        await Stream(silo).OnNextAsync("two");

        Assert.Empty(silo.Probe.Events);
        silo.Probe.Open("gate");
        await silo.Probe.Opened("took two");
        Assert.Equal(["took one", "took two"], silo.Probe.Events);
    }

    [Fact]
    public async Task A_listener_that_fails_loses_the_item_and_disturbs_nobody()
    {
        await using var silo = await StartAsync();
        var healthy = new Listener();
        await Stream(silo).SubscribeAsync((item, _) =>
        {
            silo.Probe.Happened($"tried {item}");
            return item == "one" ? throw new InvalidOperationException("as planned") : Task.CompletedTask;
        });
        await Stream(silo).SubscribeAsync(healthy);

        await Stream(silo).OnNextAsync("one");
        await Stream(silo).OnNextAsync("two");

        Assert.Equal(["one", "two"], await healthy.TakeAsync(2));
        await silo.Probe.Opened("tried two");
        Assert.Equal(["tried one", "tried two"], silo.Probe.Events);
    }

    [Fact]
    public async Task Nothing_is_delivered_after_the_end_of_a_subscription()
    {
        await using var silo = await StartAsync();
        var (leaving, staying) = (new Listener(), new Listener());
        var subscription = await Stream(silo).SubscribeAsync(leaving);
        await Stream(silo).SubscribeAsync(staying);
        await Stream(silo).OnNextAsync("one");
        await leaving.TakeAsync(1);

        await subscription.UnsubscribeAsync();
        await subscription.UnsubscribeAsync();
        await Stream(silo).OnNextAsync("two");

        Assert.Equal(["one", "two"], await staying.TakeAsync(2));
        Assert.Equal(0, leaving.Waiting);
    }

    [Fact]
    public async Task A_grain_takes_items_in_its_own_turns_and_publishes_too()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStreamGrain>();
        await grain.Listen("key");
        var held = grain.Hold("gate");
        await silo.Probe.Opened("gate started");

        await silo.Grain<IStreamGrain>("another").Publish("key", "item");
        silo.Probe.Open("gate");
        await held;
        await silo.Probe.Opened("grain took item");

        Assert.Equal(["gate started", "gate ended", "grain took item"], silo.Probe.Events);
    }

    [Fact]
    public async Task The_subscription_of_a_grain_ends_with_its_activation()
    {
        await using var silo = await StartAsync();
        var (grain, other) = (silo.Grain<IStreamGrain>(), new Listener());
        await grain.Listen("key");
        await Stream(silo).SubscribeAsync(other);
        await grain.Leave();
        await silo.Cluster.WaitForDeactivationAsync(grain);

        await Stream(silo).OnNextAsync("one");
        await Stream(silo).OnNextAsync("two");

        Assert.Equal(["one", "two"], await other.TakeAsync(2));
        Assert.False(silo.Probe.Has("grain took one"));
    }

    [Fact]
    public async Task Listening_without_storage_for_subscriptions_fails_as_in_Orleans()
    {
        await using var silo = await TestSilo.StartAsync(static silo => silo.AddMemoryStreams("streams"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Stream(silo).SubscribeAsync(new Listener()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Grain<IStreamGrain>().Listen("key"));
        await Stream(silo).OnNextAsync("nobody hears it");
    }

    [Fact]
    public async Task Storage_of_the_name_of_the_provider_will_do()
    {
        await using var silo = await TestSilo.StartAsync(static silo => silo.AddMemoryStreams("streams", _ => { }).AddMemoryGrainStorage("streams"));
        var listener = new Listener();
        await Stream(silo).SubscribeAsync(listener);

        await Stream(silo).OnNextAsync("item");

        Assert.Equal(["item"], await listener.TakeAsync(1));
    }

    [Fact]
    public async Task A_provider_that_was_not_added_is_not_found()
    {
        await using var silo = await StartAsync();
        var client = Client(silo);

        Assert.Equal("streams", client.GetStreamProvider("streams").Name);
        Assert.Throws<KeyNotFoundException>(() => client.GetStreamProvider("others"));
        Assert.Throws<ArgumentNullException>(() => client.GetStreamProvider(" "));
    }

    [Fact]
    public async Task A_silo_that_is_gone_takes_its_streams_along()
    {
        await using var silo = await StartAsync();
        var (lost, found) = (new Listener(), new Listener());
        var stream = Stream(silo);
        await stream.SubscribeAsync(lost);
        await silo.Cluster.KillSiloAsync(silo.Cluster.Silos[0]);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => stream.OnNextAsync("too late"));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => stream.SubscribeAsync(lost));
        await silo.Cluster.StartAdditionalSiloAsync();
        await Stream(silo).SubscribeAsync(found);
        await Stream(silo).OnNextAsync("again");

        Assert.Equal(["again"], await found.TakeAsync(1));
        Assert.Equal(0, lost.Waiting);
    }

    [Fact]
    public async Task A_stream_does_not_end_or_fail()
    {
        await using var silo = await StartAsync();

        await Assert.ThrowsAsync<NotSupportedException>(() => Stream(silo).OnCompletedAsync());
        await Assert.ThrowsAsync<NotSupportedException>(() => Stream(silo).OnErrorAsync(new InvalidOperationException()));
    }

    [Fact]
    public void Streams_are_told_apart_by_namespace_and_key()
    {
        Assert.Equal(StreamId.Create("ns", "key"), StreamId.Create("ns", "key"));
        Assert.True(StreamId.Create("ns", "key") == StreamId.Create("ns", "key"));
        Assert.True(StreamId.Create("ns", "key") != StreamId.Create("ns", "other"));
        Assert.NotEqual(StreamId.Create("ns", "key"), StreamId.Create(null, "key"));
        Assert.Equal(StreamId.Create("ns", "key").GetHashCode(), StreamId.Create("ns", "key").GetHashCode());
        Assert.Equal("ns/key", StreamId.Create("ns", "key").ToString());
        Assert.Equal("key", StreamId.Create(null, "key").ToString());
    }

    private static Task<TestSilo> StartAsync() => TestSilo.StartAsync(static silo => silo.AddMemoryStreams("streams").AddMemoryGrainStorage("PubSubStore"));

    private static IClusterClient Client(TestSilo silo) => silo.Cluster.GetSiloServiceProvider().GetRequiredService<IClusterClient>();

    private static IStreamProvider Provider(TestSilo silo) => Client(silo).GetStreamProvider("streams");

    private static IAsyncStream<string> Stream(TestSilo silo, string key = "key") => Provider(silo).GetStream<string>(StreamId.Create("tests", key));

    private sealed class Listener : IAsyncObserver<string>
    {
        private readonly Channel<string> _items = Channel.CreateUnbounded<string>();

        public int Waiting => _items.Reader.Count;

        public async Task<string[]> TakeAsync(int count)
        {
            var taken = new string[count];
            for (var i = 0; i < count; i++) taken[i] = await _items.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            return taken;
        }

        public Task OnNextAsync(string item, StreamSequenceToken? token = null)
        {
            _items.Writer.TryWrite(item);
            return Task.CompletedTask;
        }

        public Task OnCompletedAsync() => Task.CompletedTask;

        public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
    }
}
