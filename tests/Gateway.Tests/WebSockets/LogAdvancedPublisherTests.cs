using System.Collections.Immutable;
using System.Threading.Channels;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>What runs tell the listeners of their user.</summary>
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

        await server.StartRunAsync(runId, graph);
        var last = await LastAsync(server, runId);
        var heard = new List<LogAdvanced>();
        do heard.Add(await notices.Heard.ReadAsync().AsTask().WaitAsync(LiveClient.Patience));
        while (heard[^1].Sequence < last);

        Assert.All(heard, notice => Assert.Equal((runId, Guid.Parse(graph.Id)), (notice.RunId, notice.GraphId)));
        Assert.Equal(heard.Select(notice => notice.Sequence).Order(), heard.Select(notice => notice.Sequence));
        Assert.Equal(last, heard[^1].Sequence);
        Assert.Equal(0, others.Heard.Count);
    }

    [Fact]
    public async Task Who_registers_while_runs_go_on_hears_what_follows()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, first, second) = (await server.StoreAsync(Graph(server)), server.NewId(), server.NewId());
        await server.StartRunAsync(first, graph);
        await LastAsync(server, first);

        var notices = await ListenAsync(server, LiveServer.User);
        await server.StartRunAsync(second, graph);
        await LastAsync(server, second);

        while ((await notices.Heard.ReadAsync().AsTask().WaitAsync(LiveClient.Patience)).RunId != second)
        {
            // The end of the first run may be told by then.
        }
    }

    [Fact]
    public async Task A_registration_ends_by_itself_or_by_leaving()
    {
        var clock = new TestSupport.ManualClock();
        await using var server = await LiveServer.StartAsync(clock: clock);
        var grain = server.Grains.GetGrain<ILogListenersGrain>("user");
        var observed = new Observed();
        var observer = server.Services.GetRequiredService<IClusterClient>().CreateObjectReference<ILogObserver>(observed);
        Assert.False(await grain.Publish([]));

        await grain.Register(Listener, observer);
        Assert.True(await grain.Publish([]));
        await grain.Unregister(Listener);
        Assert.False(await grain.Publish([]));

        await grain.Register(Listener, observer);
        clock.Advance(ILogListenersGrain.Lifetime / 2);
        await grain.Register(Listener, observer);
        clock.Advance(ILogListenersGrain.Lifetime / 2);
        Assert.True(await grain.Publish([]));
        clock.Advance(ILogListenersGrain.Lifetime / 2);
        Assert.False(await grain.Publish([]));
    }

    private static LiveGraph Graph(LiveServer server) => new LiveGraph(server.NewId()).Step("a").Step("b").Link("a.value", "b.value");

    private static async Task<Observed> ListenAsync(LiveServer server, string user)
    {
        var observed = new Observed();
        var client = server.Services.GetRequiredService<IClusterClient>();
        await client.GetGrain<ILogListenersGrain>(user).Register(server.NewId(), client.CreateObjectReference<ILogObserver>(observed));
        return observed;
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

    /// <summary>Keeps what it is told. Orleans holds it by a weak reference, so a test holds it for as long as it listens.</summary>
    private sealed class Observed : ILogObserver
    {
        private readonly Channel<LogAdvanced> _heard = Channel.CreateUnbounded<LogAdvanced>();

        public ChannelReader<LogAdvanced> Heard => _heard.Reader;

        public Task PartialAdvanced(PartialOutput partial) => Task.CompletedTask;

        public Task LogsAdvanced(ImmutableArray<LogAdvanced> notices)
        {
            foreach (var notice in notices) _heard.Writer.TryWrite(notice);
            return Task.CompletedTask;
        }

        public Task SchedulesNoticed(ImmutableArray<ScheduleNotice> notices) => Task.CompletedTask;

        public Task OnboardingNoticed(string? step) => Task.CompletedTask;
    }
}
