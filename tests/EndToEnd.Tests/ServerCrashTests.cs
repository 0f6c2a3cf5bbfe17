using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

public sealed class ServerCrashTests
{
    private const int Runs = 40;
    private const int Steps = 5;
    private const int Kills = 10;
    private const int CallsBetweenKills = 15;

    [Fact]
    public async Task Forty_runs_survive_ten_kills_of_the_server()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        var port = RunningServer.FreePort();
        var server = await RunningServer.StartAsync(place, port);
        var graph = await server.PostAsync("/api/graphs", new JsonObject { ["graph"] = JsonNode.Parse(Chain(world)) }.ToJsonString());
        var graphId = graph.GetProperty("id").GetString()!;
        var runs = new List<string>();
        var spent = world.HoldAfter(CallsBetweenKills);
        for (var i = 0; i < Runs; i++)
        {
            var input = new JsonObject { ["inputs"] = new JsonObject { ["run"] = $"r{i}" } };
            runs.Add((await server.PostAsync($"/api/graphs/{graphId}/execute/1", input.ToJsonString())).GetProperty("id").GetString()!);
        }

        // Each kill comes while calls are under way that are never answered.
        for (var kill = 0; kill < Kills; kill++)
        {
            await spent;
            await server.KillAsync();
            await server.DisposeAsync();
            if (kill == Kills - 1) world.HoldNoMore();
            else spent = world.HoldAfter(CallsBetweenKills);
            server = await RunningServer.StartAsync(place, port);
        }

        foreach (var run in runs) Assert.Equal("COMPLETED", await server.EndOfAsync(graphId, run));
        await server.DisposeAsync();

        // A node that was running when the process died runs again, once for each kill; nothing else does.
        Assert.Equal(Runs * Steps, world.Calls.Count);
        var attempts = await place.CountAsync($"SELECT sum(attempt) FROM node_executions WHERE block_id = '{AgentBuilder.WebRequest}'");
        Assert.InRange(world.Calls.Values.Sum(), Runs * Steps, attempts);
        Assert.All(world.Calls.Values, calls => Assert.InRange(calls, 1, 1 + Kills));
        Assert.Equal(Runs * ((2 * Steps) + 1), await place.CountAsync("SELECT count(*) FROM node_executions WHERE status = 'COMPLETED'"));
        Assert.Equal(0, await place.CountAsync("SELECT (SELECT coalesce(sum(amount), 0) FROM ledger) - (SELECT coalesce(sum(balance), 0) FROM wallets)"));
    }

    private static string Chain(OutsideWorld world)
    {
        var agent = new AgentBuilder("chain").Node("in", AgentBuilder.TextInput, new JsonObject { ["name"] = "run" });
        // The address of each step is written by a template out of the name of the run.
        for (var i = 1; i <= Steps; i++)
        {
            agent.Node($"url{i}", AgentBuilder.Template, new JsonObject { ["format"] = $"{world.Address}/step/{{{{ run }}}}-{i}" })
                .Node($"n{i}", AgentBuilder.WebRequest)
                .Link("in", "result", $"url{i}", "values_#_run")
                .Link($"url{i}", "output", $"n{i}", "url");
            if (i > 1) agent.Link($"n{i - 1}", "response", $"n{i}", "body_#_before");
        }

        return agent.Json();
    }
}
