using System.Threading.Channels;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>What runs tell the stream of their user.</summary>
public sealed class RunNoticesTests
{
    private static readonly Guid Listener = new("00000000-0000-4000-8000-000000000001");

    [Fact]
    public async Task A_listener_hears_how_far_the_log_goes()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Graph(server)), server.NewId());
        var notices = await ListenAsync(server, LiveServer.User);
        var others = await ListenAsync(server, "user-2");
        await server.Grains.GetGrain<IRunListenersGrain>(LiveServer.User).Listen(Listener);

        await server.StartRunAsync(runId, graph);
        var last = await LastAsync(server, runId);
        var heard = new List<RunGrew>();
        do heard.Add(await notices.ReadAsync().AsTask().WaitAsync(LiveClient.Patience));
        while (heard[^1].Sequence < last);

        Assert.All(heard, notice => Assert.Equal((runId, Guid.Parse(graph.Id)), (notice.RunId, notice.GraphId)));
        Assert.Equal(heard.Select(notice => notice.Sequence).Order(), heard.Select(notice => notice.Sequence));
        Assert.Equal(last, heard[^1].Sequence);
        Assert.Equal(0, others.Count);
    }

    [Fact]
    public async Task Nothing_is_said_while_nobody_is_registered_and_what_follows_is_said_afterwards()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, first, second) = (await server.StoreAsync(Graph(server)), server.NewId(), server.NewId());
        var notices = await ListenAsync(server, LiveServer.User);
        var grain = server.Grains.GetGrain<IRunListenersGrain>(LiveServer.User);
        await server.StartRunAsync(first, graph);
        await LastAsync(server, first);
        Assert.Equal(0, notices.Count);

        await grain.Listen(Listener);
        await server.StartRunAsync(second, graph);
        await LastAsync(server, second);

        while ((await notices.ReadAsync().AsTask().WaitAsync(LiveClient.Patience)).RunId != second)
        {
            // The end of the first run may be told by then.
        }
    }

    [Fact]
    public async Task A_registration_ends_by_itself_or_by_leaving()
    {
        var clock = new TestSupport.ManualClock();
        await using var server = await LiveServer.StartAsync(clock: clock);
        var grain = server.Grains.GetGrain<IRunListenersGrain>("user");
        Assert.False(await grain.HasListeners());

        await grain.Listen(Listener);
        Assert.True(await grain.HasListeners());
        await grain.Leave(Listener);
        Assert.False(await grain.HasListeners());

        await grain.Listen(Listener);
        clock.Advance(IRunListenersGrain.Lifetime / 2);
        await grain.Listen(Listener);
        clock.Advance(IRunListenersGrain.Lifetime / 2);
        Assert.True(await grain.HasListeners());
        clock.Advance(IRunListenersGrain.Lifetime / 2);
        Assert.False(await grain.HasListeners());
    }

    private static LiveGraph Graph(LiveServer server) => new LiveGraph(server.NewId()).Step("a").Step("b").Link("a.value", "b.value");

    private static async Task<ChannelReader<RunGrew>> ListenAsync(LiveServer server, string user)
    {
        var notices = Channel.CreateUnbounded<RunGrew>();
        var provider = server.Services.GetRequiredService<IClusterClient>().GetStreamProvider(RunStreams.Provider);
        await provider.GetStream<RunGrew>(StreamId.Create(RunStreams.Namespace, user)).SubscribeAsync((notice, _) =>
        {
            notices.Writer.TryWrite(notice);
            return Task.CompletedTask;
        });
        return notices.Reader;
    }

    /// <summary>The last sequence of a run that has ended.</summary>
    private static async Task<long> LastAsync(LiveServer server, Guid runId)
    {
        await using var client = await server.ConnectAsync("somebody else");
        while (true)
        {
            var heads = await server.Services.GetRequiredService<ILogTransport>().ReadHeadsAsync([runId], CancellationToken.None);
            if (heads[0].IsClosed) return heads[0].LastSequence;
            // Something to wait for in between.
            await client.AskAsync("""{"method":"heartbeat"}""");
        }
    }
}
