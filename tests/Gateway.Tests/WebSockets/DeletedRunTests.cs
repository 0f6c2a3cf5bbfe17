using System.Text.Json;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>Runs and graphs that their user deletes while clients watch them.</summary>
public sealed class DeletedRunTests
{
    /// <summary>How many subscriptions of a user catch up at once.</summary>
    private const int AtOnce = 8;

    [Fact]
    public async Task A_deleted_run_is_refused_and_who_follows_it_sees_its_end()
    {
        await using var server = await LiveServer.StartAsync();
        var graph = await server.StoreAsync(new LiveGraph(server.NewId()).Step("gated", """{"gate": "gate", "value": 1}""").Output("out").Link("gated.value", "out.value"));
        var runId = server.NewId();
        await server.StartRunAsync(runId, graph);
        await using var follower = await server.ConnectAsync();
        await follower.WatchRunAsync(runId, fromSequence: 0);
        while (!IsRunning(await follower.NextAsync()))
        {
            // The beginning of the run.
        }

        await DeleteAsync(server, runId);
        await using var late = await server.ConnectAsync();
        var refused = await late.WatchRunAsync(runId, fromSequence: 0);
        server.Blocks.Open("gate");
        await follower.UntilEndAsync();

        Assert.Equal($"Graph execution #{runId} does not exist.", refused.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_client_whose_run_is_deleted_before_it_catches_up_gets_nothing_and_holds_up_nobody()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxWaitingMessages = 4);
        var flood = await server.StoreAsync(new LiveGraph(server.NewId()).Stream("stream", """{"count": 60, "bytes": 200000}"""));
        var echo = await server.StoreAsync(new LiveGraph(server.NewId()).Input("text").Output("out").Link("text.result", "out.value"));
        var (large, deleted, other) = (server.NewId(), server.NewId(), server.NewId());
        await server.StartRunAsync(large, flood);
        await server.StartRunAsync(deleted, echo, new { text = 1 });
        await server.StartRunAsync(other, echo, new { text = 1 });
        await UntilEndAsync(server, large);

        // These do not read, so that they hold all places.
        var silent = new List<LiveClient>();
        for (var i = 0; i < AtOnce; i++)
        {
            silent.Add(await server.ConnectAsync());
            await silent[i].WatchRunAsync(large, fromSequence: 0);
        }

        await using var late = await server.ConnectAsync();
        Assert.True((await late.WatchRunAsync(deleted, fromSequence: 0)).GetProperty("success").GetBoolean());
        await DeleteAsync(server, deleted);
        foreach (var client in silent) client.Abort();

        await using var last = await server.ConnectAsync();
        await last.WatchRunAsync(other, fromSequence: 0);
        await last.UntilEndAsync();
        Assert.Equal("heartbeat", (await late.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
        foreach (var client in silent) await client.DisposeAsync();
    }

    [Fact]
    public async Task Who_watches_a_graph_that_is_deleted_sees_its_run_stopped()
    {
        await using var server = await LiveServer.StartAsync();
        var graph = await server.StoreAsync(new LiveGraph(server.NewId()).Step("gated", """{"gate": "gate", "value": 1}""").Output("out").Link("gated.value", "out.value"));
        await using var byGraph = await server.ConnectAsync();
        await using var byRun = await server.ConnectAsync();
        await byGraph.WatchGraphAsync(graph.Id);
        var runId = server.NewId();
        await server.StartRunAsync(runId, graph);
        await byRun.WatchRunAsync(runId, fromSequence: 0);
        while (!IsRunning(await byRun.NextAsync()))
        {
            // The beginning of the run.
        }

        Assert.Equal(1, await server.Grains.GetGrain<IGraphGrain>(Guid.Parse(graph.Id)).Delete(LiveServer.User));

        await using var late = await server.ConnectAsync();
        await late.WatchRunAsync(runId, fromSequence: 0);
        foreach (var client in new[] { byGraph, byRun, late })
            Assert.Equal("TERMINATED", (await client.UntilEndAsync())[^1].GetProperty("data").GetProperty("status").GetString());
    }

    private static async Task UntilEndAsync(LiveServer server, Guid runId)
    {
        await using var client = await server.ConnectAsync();
        await client.WatchRunAsync(runId, fromSequence: 0);
        await client.UntilEndAsync();
    }

    private static async Task DeleteAsync(LiveServer server, Guid runId) =>
        Assert.True(await server.Services.GetRequiredService<IRunStore>().DeleteAsync(runId, LiveServer.User, TestContext.Current.CancellationToken));

    private static bool IsRunning(JsonElement message) =>
        message.GetProperty("data").TryGetProperty("node_id", out _) && message.GetProperty("data").GetProperty("status").GetString() == "RUNNING";
}
