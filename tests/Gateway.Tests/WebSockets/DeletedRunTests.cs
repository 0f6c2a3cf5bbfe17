using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>Clients that ask for earlier events of a run that its user has deleted while another client follows it.</summary>
public sealed class DeletedRunTests
{
    /// <summary>How many clients of a user are sent earlier events at once.</summary>
    private const int AtOnce = 8;

    [Fact]
    public async Task They_get_nothing_and_hold_up_nobody()
    {
        await using var server = await LiveServer.StartAsync();
        var graph = await server.StoreAsync(new LiveGraph(server.NewId()).Step("gated", """{"gate": "gate", "value": 1}""").Output("out").Link("gated.value", "out.value"));
        var echo = await server.StoreAsync(new LiveGraph(server.NewId()).Input("text").Output("out").Link("text.result", "out.value"));
        var (deleted, other) = (server.NewId(), server.NewId());
        await using var follower = await server.ConnectAsync();
        await follower.WatchRunAsync(deleted);
        await server.StartRunAsync(deleted, graph);
        while (!IsRunning(await follower.NextAsync()))
        {
            // The beginning of the run.
        }

        Assert.True(await server.Services.GetRequiredService<IRunStore>().DeleteAsync(deleted, LiveServer.User, TestContext.Current.CancellationToken));
        var late = new List<LiveClient>();
        for (var i = 0; i < AtOnce; i++)
        {
            late.Add(await server.ConnectAsync());
            await late[i].WatchRunAsync(deleted, fromSequence: 0);
        }

        // Were they still served, there would be no place for this one.
        await using var last = await server.ConnectAsync();
        await server.StartRunAsync(other, echo, new { text = 1 });
        await last.WatchRunAsync(other, fromSequence: 0);
        await last.UntilEndAsync();
        server.Blocks.Open("gate");
        await follower.UntilEndAsync();

        foreach (var client in late)
        {
            Assert.Equal("heartbeat", (await client.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
            await client.DisposeAsync();
        }
    }

    private static bool IsRunning(System.Text.Json.JsonElement message) =>
        message.GetProperty("data").TryGetProperty("node_id", out _) && message.GetProperty("data").GetProperty("status").GetString() == "RUNNING";
}
