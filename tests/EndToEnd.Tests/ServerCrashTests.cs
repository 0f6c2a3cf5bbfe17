using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;
using Xunit.Sdk;

namespace Grainflow.EndToEnd.Tests;

public sealed class ServerCrashTests(ITestOutputHelper output)
{
    private const int Runs = 40;
    private const int Steps = 5;
    private const int Kills = 10;

    private const int CallsBetweenKills = 24;
    private const int EventsBetweenKills = 500;

    private static readonly PricedChain s_chain = new(Steps);

    /// <summary>The log of a run is the same with and without kills, and so are its events.</summary>
    private const int EventsPerRun = 60;

    private const int DispatchesPerFee = 7;
    private const int Fee = 2;

    [Fact(Explicit = true)]
    public async Task Forty_runs_survive_ten_kills_of_the_server()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        Prepare(place, world);
        // ./test prints the seed and takes it.
        var random = new Random(Randomizer.Seed);
        var port = FreePorts.Pair();
        await using var server = await RunningServer.StartAsync(place, port);
        var graph = await server.PostAsync("/api/graphs", new JsonObject { ["graph"] = JsonNode.Parse(s_chain.Agent(world)) }.ToJsonString());
        var graphId = graph.GetProperty("id").GetString()!;
        var unanswered = world.HoldAfter(random.Next(CallsBetweenKills));
        var runs = await SubmitAsync(server, graph);
        await using var watcher = LiveWatcher.Start(port, runs);

        // Each kill comes at some event that the client sees, or at some call, which is then under way for good.
        for (var kill = 1; kill <= Kills; kill++)
        {
            await (await Task.WhenAny(unanswered, watcher.SeesAsync(watcher.Seen + random.Next(EventsBetweenKills)), watcher.SeesTheEndAsync()));
            await server.KillAsync();
            output.WriteLine($"Kill {kill} after {watcher.Seen} events over {watcher.Connections} connections and {world.Calls.Values.Sum()} calls{(unanswered.IsCompleted ? ", some of them unanswered" : "")}.");
            if (kill == Kills) world.HoldNoMore();
            else unanswered = world.HoldAfter(random.Next(CallsBetweenKills));
            await server.RestartAsync();
        }

        await watcher.SeesTheEndAsync();
        output.WriteLine($"{watcher.Seen} events over {watcher.Connections} connections; {world.Calls.Values.Sum()} calls.");
        await AssertEventsAsync(watcher, server, port, graphId, runs);
        await AssertCallsAsync(place, world, runs);
        await Ledger.AssertExactAsync(place, (Runs * s_chain.Price) + (Runs * s_chain.Nodes / DispatchesPerFee * Fee));
    }

    private static void Prepare(Workplace place, OutsideWorld world)
    {
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        place.Environment["OPENAI_BASE_URL"] = world.Address + "/v1";
        place.Environment["OPENAI_API_KEY"] = "key";
        place.Environment["ENABLE_CREDIT"] = "true";
        // Ten kills may hit one call more often than a node is tried otherwise.
        place.Environment["MAX_NODE_ATTEMPTS"] = "100";
        place.Environment["EXECUTION_COST_COUNT_THRESHOLD"] = DispatchesPerFee.ToString(CultureInfo.InvariantCulture);
        place.Environment["EXECUTION_COST_PER_THRESHOLD"] = Fee.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<List<string>> SubmitAsync(RunningServer server, JsonElement graph)
    {
        var started = Enumerable.Range(0, Runs).Select(run =>
            server.PostAsync($"/api/graphs/{graph.GetProperty("id").GetString()}/execute/1", PricedChain.StartOf(graph, $"r{run}")));
        return [.. (await Task.WhenAll(started)).Select(run => run.GetProperty("id").GetString()!)];
    }

    /// <summary>Whoever watched through all kills has the events that whoever asks afterwards is shown, and they tell what happened.</summary>
    private static async Task AssertEventsAsync(LiveWatcher watcher, RunningServer server, int port, string graphId, List<string> runs)
    {
        Assert.Empty(watcher.Surprises);
        Assert.InRange(watcher.Connections, 2, Kills + 1);
        Assert.Equal(Runs * EventsPerRun, watcher.Seen);
        await using var late = LiveWatcher.Start(port, runs);
        await late.SeesTheEndAsync();
        foreach (var run in runs)
        {
            var events = watcher.EventsOf(run);
            var execution = await server.GetAsync($"/api/graphs/{graphId}/executions/{run}");
            Assert.Equal("COMPLETED", execution.GetProperty("status").GetString());
            RunEvents.AssertTell(execution, events);
            Assert.Equal(late.EventsOf(run).Select(Text), events.Select(Text));
        }
    }

    private static string Text(JsonElement data) => data.GetRawText();

    /// <summary>A node that was running when the process died runs again, once for each kill; nothing else does.</summary>
    private static async Task AssertCallsAsync(Workplace place, OutsideWorld world, List<string> runs)
    {
        Assert.Equal(Runs * s_chain.Nodes, await place.CountAsync("SELECT count(*) FROM node_executions WHERE status = 'COMPLETED'"));
        Assert.Equal(Runs * s_chain.Nodes, await place.CountAsync("SELECT count(*) FROM node_executions"));
        Assert.Equal(Runs * Steps, world.Calls.Count);
        for (var run = 0; run < Runs; run++)
        {
            for (var step = 1; step <= Steps; step++)
            {
                // The steps of a run start one after the other.
                var attempts = await place.CountAsync(
                    $"""
                    SELECT attempt FROM node_executions
                    WHERE run_id = '{runs[run]}' AND block_id IN ('{AgentBuilder.WebRequest}', '{AgentBuilder.TextGenerator}')
                    ORDER BY started_at OFFSET {step - 1} LIMIT 1
                    """);
                Assert.InRange(attempts, 1, 1 + Kills);
                Assert.InRange(world.Calls[PricedChain.CallOf($"r{run}", step)], 1, attempts);
            }
        }
    }
}
