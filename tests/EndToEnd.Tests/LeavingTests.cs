using System.Net;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>A server that is told to stop while a block of a run is under way.</summary>
public sealed class LeavingTests
{
    private const string Waits = "Stopping: waits up to 60 s for 1 block under way; a second signal ends at once.";

    [Fact]
    public async Task A_call_that_is_under_way_ends_and_is_not_made_again()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["SHUTDOWN_DRAIN_SECONDS"] = "60";
        await using var server = await StartAsync(place, world);
        var (graph, run) = await StartRunAsync(server, world);

        await server.SignalAsync("TERM");
        await server.SaysAsync(Waits);
        var (ready, start) = (await server.Http.GetAsync("/health/ready"), await server.Http.PostAsync($"/api/graphs/{graph}/execute/1", content: null));
        world.Answer("first");
        var ended = await server.EndAsync();
        await server.RestartAsync();

        Assert.Equal("COMPLETED", await server.EndOfAsync(graph, run));
        Assert.Equal((1, 1), (world.Calls["first"], world.Calls["second"]));
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (start.StatusCode, start.Headers.RetryAfter?.Delta));
        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM node_executions WHERE attempt > 1"));
    }

    [Fact(Explicit = true)]
    public async Task A_second_signal_ends_the_server_at_once()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["SHUTDOWN_DRAIN_SECONDS"] = "60";
        await using var server = await StartAsync(place, world);
        var (graph, run) = await StartRunAsync(server, world);

        await server.SignalAsync("TERM");
        await server.SaysAsync(Waits);
        await server.SignalAsync("TERM");
        var ended = await server.EndAsync();
        await server.RestartAsync();

        Assert.Equal((130, "Ended at once. Unfinished runs go on at the next start with this data folder."), (ended.ExitCode, ended.LastError));
        Assert.Equal("COMPLETED", await server.EndOfAsync(graph, run));
        Assert.Equal(2, world.Calls["first"]);
    }

    [Fact(Explicit = true)]
    public async Task Without_a_time_to_drain_the_block_is_interrupted_and_runs_again_without_the_loss_of_an_attempt()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["SHUTDOWN_DRAIN_SECONDS"] = "0";
        place.Environment["MAX_NODE_ATTEMPTS"] = "1";
        await using var server = await StartAsync(place, world);
        var (graph, run) = await StartRunAsync(server, world);

        await server.SignalAsync("TERM");
        var ended = await server.EndAsync();
        await server.RestartAsync();

        Assert.Equal((0, "Stopping ..."), (ended.ExitCode, ended.LastError));
        Assert.Equal("COMPLETED", await server.EndOfAsync(graph, run));
        Assert.Equal(2, world.Calls["first"]);
    }

    private static Task<RunningServer> StartAsync(Workplace place, OutsideWorld world)
    {
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        return RunningServer.StartAsync(place, FreePorts.Pair());
    }

    /// <summary>Starts a run of two requests, one after the other, and waits until the first has arrived and is held.</summary>
    private static async Task<(string Graph, string Run)> StartRunAsync(RunningServer server, OutsideWorld world)
    {
        var agent = new AgentBuilder("two requests")
            .Node("first", AgentBuilder.WebRequest, new JsonObject { ["url"] = world.Address + "/step/first" })
            .Node("second", AgentBuilder.WebRequest, new JsonObject { ["url"] = world.Address + "/step/second" })
            .Link("first", "response", "second", "body_#_before");
        var arrived = world.HoldNext("first");
        var graph = (await server.PostAsync("/api/graphs", new JsonObject { ["graph"] = JsonNode.Parse(agent.Json()) }.ToJsonString())).GetProperty("id").GetString()!;
        var run = (await server.PostAsync($"/api/graphs/{graph}/execute/1", "{}")).GetProperty("id").GetString()!;
        await arrived;
        return (graph, run);
    }
}
