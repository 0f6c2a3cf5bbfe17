using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

public sealed class CrashTests
{
    private const int Steps = 8;

    /// <summary>A model answers each of them for one credit.</summary>
    private const int ModelSteps = 3;

    [Theory]
    [InlineData("step2")]
    [InlineData("model word4")]
    [InlineData("step7")]
    public async Task A_run_that_was_killed_goes_on_and_no_completed_node_runs_twice(string killedDuring)
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        var agent = Prepare(place, world);

        var arrived = world.HoldNext(killedDuring);
        await using (var first = GrainflowProcess.Start(place.Environment, agent, "--input", "go=now"))
        {
            await arrived;
            await first.KillAsync();
        }

        var second = await place.RunAsync(agent, "--input", "go=now");

        Assert.Equal(0, second.ExitCode);
        Assert.Equal("COMPLETED", second.Status);
        Assert.Contains("was interrupted; it goes on", second.Errors, StringComparison.Ordinal);
        Assert.All(world.Calls, call => Assert.Equal(call.Key == killedDuring ? 2 : 1, call.Value));
        Assert.Equal(Steps, world.Calls.Count);
        await Ledger.AssertExactAsync(place, spent: ModelSteps);
    }

    [Fact(Explicit = true)]
    public async Task A_run_survives_a_kill_during_every_one_of_its_calls()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        var agent = Prepare(place, world);

        foreach (var name in Names())
        {
            var arrived = world.HoldNext(name);
            await using var process = GrainflowProcess.Start(place.Environment, agent, "--input", "go=now");
            await arrived;
            await process.KillAsync();
        }

        var last = await place.RunAsync(agent, "--input", "go=now");

        Assert.Equal("COMPLETED", last.Status);
        Assert.All(world.Calls, call => Assert.Equal(2, call.Value));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs"));
        await Ledger.AssertExactAsync(place, spent: ModelSteps);
    }

    [Fact(Explicit = true)]
    public async Task Other_inputs_start_another_run_beside_the_interrupted_one()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        var agent = Prepare(place, world);
        var arrived = world.HoldNext("step2");
        await using (var first = GrainflowProcess.Start(place.Environment, agent, "--input", "go=now"))
        {
            await arrived;
            await first.KillAsync();
        }

        var second = await place.RunAsync(agent, "--input", "go=later");

        Assert.Equal("COMPLETED", second.Status);
        Assert.Equal(2, await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
    }

    /// <summary>The small form of the next one: the same server without kills.</summary>
    [Fact]
    public async Task A_server_that_closes_each_connection_unannounced_costs_no_step()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync(closesUnannounced: true);
        var result = await place.RunAsync(Requests(place, world, 40), "--input", "go=now");

        Assert.Equal("COMPLETED", result.Status);
        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM node_executions WHERE status = 'FAILED'"));
        Assert.Equal(40, world.Calls.Count);
        Assert.All(world.Calls, call => Assert.Equal(1, call.Value));
    }

    [Fact(Explicit = true)]
    public async Task Two_hundred_steps_at_such_a_server_survive_ten_kills()
    {
        const int Requested = 200;
        const int Kills = 10;
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync(closesUnannounced: true);
        var agent = Requests(place, world, Requested);
        for (var i = 0; i < Kills; i++)
        {
            var arrived = world.HoldAfter(Requested / Kills - 1);
            await using var process = GrainflowProcess.Start(place.Environment, agent, "--input", "go=now");
            await arrived.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
            await process.KillAsync();
        }

        world.HoldNoMore();
        var last = await place.RunAsync(agent, "--input", "go=now");

        Assert.Equal("COMPLETED", last.Status);
        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM node_executions WHERE status = 'FAILED'"));
        Assert.Equal(Requested, world.Calls.Count);
        // A request that was under way when the process was killed is made once more by the next one.
        Assert.All(world.Calls, call => Assert.InRange(call.Value, 1, 2));
        Assert.Equal(Kills, world.Calls.Values.Count(calls => calls == 2));
    }

    /// <summary>Requests with bodies, one after the other.</summary>
    private static string Requests(Workplace place, OutsideWorld world, int count)
    {
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        var agent = new AgentBuilder("requests").Node("n0", AgentBuilder.TextInput, new JsonObject { ["name"] = "go" });
        for (var i = 1; i <= count; i++)
        {
            agent.Node($"n{i}", AgentBuilder.WebRequest, new JsonObject { ["url"] = $"{world.Address}/step/step{i}" })
                .Link($"n{i - 1}", i == 1 ? "result" : "response", $"n{i}", "body_#_before");
        }

        return place.File("requests.json", agent.Json());
    }

    /// <summary>Calls in a chain: requests and models in turn, so that half of the nodes cost a credit.</summary>
    private static string Prepare(Workplace place, OutsideWorld world)
    {
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        place.Environment["OPENAI_BASE_URL"] = world.Address + "/v1";
        place.Environment["OPENAI_API_KEY"] = "key";
        place.Environment["ENABLE_CREDIT"] = "true";
        var agent = new AgentBuilder("chain").Node("in", AgentBuilder.TextInput, new JsonObject { ["name"] = "go" });
        var (source, pin) = ("in", "result");
        for (var i = 1; i <= Steps; i++)
        {
            if (i % 2 == 0 && i != 2)
            {
                agent.Node($"n{i}", AgentBuilder.TextGenerator, new JsonObject { ["model"] = "gpt-4o-mini", ["prompt"] = $"{{{{ before }}}} word{i}" })
                    .Link(source, pin, $"n{i}", "prompt_values_#_before");
                (source, pin) = ($"n{i}", "response");
            }
            else
            {
                agent.Node($"n{i}", AgentBuilder.WebRequest, new JsonObject { ["url"] = $"{world.Address}/step/step{i}" })
                    .Link(source, pin, $"n{i}", "body_#_before");
                (source, pin) = ($"n{i}", "response");
            }
        }

        agent.Node("out", AgentBuilder.Output, new JsonObject { ["name"] = "end" }).Link(source, pin, "out", "value");
        return place.File("chain.json", agent.Json());
    }

    private static IEnumerable<string> Names() => Enumerable.Range(1, Steps).Select(i => i % 2 == 0 && i != 2 ? $"model word{i}" : $"step{i}");
}
