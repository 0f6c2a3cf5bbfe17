using System.Diagnostics;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Which processes are taken for dead, whatever the membership table lists, and how soon their runs go on.</summary>
public sealed class ClusterLivenessTests
{
    [Fact(Explicit = true)]
    public async Task A_database_moves_from_a_server_alone_to_a_cluster_and_back_with_nodes_under_way_Crash()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        ClusterTests.Trust(place, world);
        var first = world.HoldNext("r0-first");
        string graph, run;
        await using (var alone = await RunningServer.StartAsync(place, FreePorts.Pair()))
        {
            graph = await ClusterTests.CreateAsync(alone, world);
            run = await ClusterTests.StartRunAsync(alone, graph, "r0");
            await first;
            await alone.KillAsync();
        }

        place.Environment["CLUSTER"] = "x";
        var second = world.HoldNext("r0-second");
        await using (var one = await RunningServer.StartAsync(place, FreePorts.Pair()))
        await using (var two = await RunningServer.StartAsync(place, FreePorts.Pair()))
        {
            await second;
            await Task.WhenAll(one.KillAsync(), two.KillAsync());
        }

        place.Environment.Remove("CLUSTER");
        await using var again = await RunningServer.StartAsync(place, FreePorts.Pair());

        Assert.Equal("COMPLETED", await again.EndOfAsync(graph, run));
        // Each was under way once when its process died, and the first was not repeated after its end.
        Assert.Equal((2, 2), (world.Calls["r0-first"], world.Calls["r0-second"]));
        Assert.Equal((1, 2), (await place.CountAsync("SELECT min(attempt) FROM node_executions"), await place.CountAsync("SELECT max(attempt) FROM node_executions")));
    }

    [Fact(Explicit = true)]
    public async Task A_run_whose_silo_was_removed_from_the_membership_table_goes_on_on_another_Crash()
    {
        await using var place = await ClusterTests.ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        ClusterTests.Trust(place, world);
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        var (graph, run) = await StartHeldRunAsync(one, world);
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());

        await one.KillAsync();
        // As the cleanup of old rows does it, before anybody could declare the silo dead.
        Assert.Equal(1, await place.CountAsync(
            """
            WITH removed AS (DELETE FROM orleansmembershiptable WHERE starttime = (SELECT min(starttime) FROM orleansmembershiptable) RETURNING deploymentid),
            changed AS (UPDATE orleansmembershipversiontable SET version = version + 1 WHERE deploymentid IN (SELECT deploymentid FROM removed) RETURNING 1)
            SELECT count(*) FROM changed
            """));

        Assert.Equal("COMPLETED", await two.EndOfAsync(graph, run));
        Assert.Equal((2, 1), (world.Calls["r0-first"], world.Calls["r0-second"]));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM orleansmembershiptable"));
    }

    [Fact(Explicit = true)]
    public async Task Runs_go_on_although_all_silos_have_died_and_their_rows_were_removed_Crash()
    {
        await using var place = await ClusterTests.ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        ClusterTests.Trust(place, world);
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());
        var (graph, run) = await StartHeldRunAsync(one, world);

        await Task.WhenAll(one.KillAsync(), two.KillAsync());
        await place.CountAsync("WITH removed AS (DELETE FROM orleansmembershiptable RETURNING 1) SELECT count(*) FROM removed");
        await using var three = await RunningServer.StartAsync(place, FreePorts.Pair());

        Assert.Equal("COMPLETED", await three.EndOfAsync(graph, run));
        Assert.Equal((2, 1), (world.Calls["r0-first"], world.Calls["r0-second"]));
    }

    [Fact(Explicit = true)]
    public async Task Under_full_load_no_living_silo_is_suspected()
    {
        const int Runs = 60;
        var chain = new PricedChain(5);
        await using var place = await ClusterTests.ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        ClusterTests.Trust(place, world);
        place.Environment["OPENAI_BASE_URL"] = world.Address + "/v1";
        place.Environment["OPENAI_API_KEY"] = "key";
        place.Environment["ENABLE_CREDIT"] = "true";
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var three = await RunningServer.StartAsync(place, FreePorts.Pair());
        var servers = new[] { one, two, three };
        var graph = await one.PostAsync("/api/graphs", new JsonObject { ["graph"] = JsonNode.Parse(chain.Agent(world)) }.ToJsonString());
        var graphId = graph.GetProperty("id").GetString()!;

        var started = await Task.WhenAll(Enumerable.Range(0, Runs).Select(run => StartAsync(servers[run % 3], graphId, PricedChain.StartOf(graph, $"r{run}"))));
        foreach (var run in started) Assert.Equal("COMPLETED", await one.EndOfAsync(graphId, run));

        Assert.Equal((3, 0), (
            await place.CountAsync("SELECT count(*) FROM orleansmembershiptable WHERE status = 3"),
            await place.CountAsync("SELECT count(*) FROM orleansmembershiptable WHERE status <> 3 OR suspecttimes <> ''")));
        Assert.Equal(1, await place.CountAsync("SELECT max(attempt) FROM node_executions"));
    }

    [Fact(Explicit = true)]
    public async Task A_run_whose_silo_was_killed_goes_on_within_thirty_seconds_Crash()
    {
        await using var place = await ClusterTests.ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        ClusterTests.Trust(place, world);
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        var (graph, run) = await StartHeldRunAsync(one, world);
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var three = await RunningServer.StartAsync(place, FreePorts.Pair());
        var again = world.HoldNext("r0-first");

        var killedAt = Stopwatch.GetTimestamp();
        await one.KillAsync();
        await again;
        var waited = Stopwatch.GetElapsedTime(killedAt);
        world.Answer("r0-first");

        Assert.InRange(waited, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal("COMPLETED", await two.EndOfAsync(graph, run));
        TestContext.Current.TestOutputHelper!.WriteLine($"After {waited.TotalSeconds:0.0} s.");
    }

    /// <summary>Starts a run on a server that is alone so far, and waits until its first call is under way, which is not answered.</summary>
    private static async Task<(string Graph, string Run)> StartHeldRunAsync(RunningServer server, OutsideWorld world)
    {
        var graph = await ClusterTests.CreateAsync(server, world);
        var held = world.HoldNext("r0-first");
        var run = await ClusterTests.StartRunAsync(server, graph, "r0");
        await held;
        return (graph, run);
    }

    private static async Task<string> StartAsync(RunningServer server, string graphId, string body) =>
        (await server.PostAsync($"/api/graphs/{graphId}/execute/1", body)).GetProperty("id").GetString()!;
}
