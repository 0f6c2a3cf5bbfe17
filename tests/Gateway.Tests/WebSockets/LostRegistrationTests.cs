using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>A gateway's registration as a listener is kept in the memory of a silo and ends with it.</summary>
public sealed class LostRegistrationTests
{
    [Fact]
    public async Task A_registration_that_a_silo_has_lost_is_made_again_at_the_next_check()
    {
        var clock = new ManualClock();
        await using var server = await LiveServer.StartAsync(clock: clock);
        var graph = await server.StoreAsync(new LiveGraph(server.NewId()).Input("text").Output("out").Link("text.result", "out.value"));
        await using var client = await server.ConnectAsync();
        var (first, second) = (server.NewId(), server.NewId());
        await client.WatchGraphAsync(graph.Id);
        var listeners = server.Grains.GetGrain<ILogListenersGrain>(LiveServer.User);
        Assert.True(await listeners.Publish([]));
        await server.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

        using var limit = new CancellationTokenSource(LiveClient.Patience);
        while (!await listeners.Publish([]))
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(10));
            // Something to wait for in between.
            Assert.Equal("heartbeat", (await client.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
        }

        // The clock stands still from here on: without notices nobody would look at the logs.
        foreach (var run in new[] { first, second })
        {
            await server.StartRunAsync(run, graph, new { text = 1 });
            await client.UntilEndAsync();
        }
    }
}
