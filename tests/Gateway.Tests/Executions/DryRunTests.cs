using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.Executions;

/// <summary>Decision 36: a dry run computes what only computes, and answers everything else from schemas.</summary>
public sealed class DryRunTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Persist = "1d055e55-a2b9-4547-8311-907d05b0304d";
    private const string PrintToConsole = "f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c";

    [Fact]
    public async Task What_computes_is_computed_and_what_asks_outside_is_answered_from_its_schema_without_credentials()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo()
            .Node("ask", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "hello" }).Node("said", TestGraph.Output, "said").Link("ask", "response", "said", "value"));
        var balance = (await user.GetAsync("/api/credits")).Text;

        var run = await RunAsync(user, graph, """{"n": 5}""");
        var again = await RunAsync(user, graph, """{"n": 5}""");

        Assert.Equal("COMPLETED", run.Text("status"));
        Assert.Equal("5", run.GetProperty("outputs").GetProperty("o")[0].GetRawText());
        Assert.StartsWith("Sample response ", run.GetProperty("outputs").GetProperty("said")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(run.GetProperty("outputs").GetProperty("said").GetRawText(), again.GetProperty("outputs").GetProperty("said").GetRawText());
        Assert.Equal(0, run.GetProperty("stats").GetProperty("cost").GetInt32());
        Assert.Equal(balance, (await user.GetAsync("/api/credits")).Text);
        var listed = (await user.GetAsync("/api/executions")).Json.EnumerateArray().ToList();
        Assert.Equal((2, true), (listed.Count, listed.TrueForAll(one => one.GetProperty("is_dry_run").GetBoolean())));
    }

    [Fact]
    public async Task Inputs_that_are_not_given_are_samples()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph().Node("topic", TestGraph.TextInput, "topic").Node("out", TestGraph.Output, "o").Link("topic", "result", "out", "value"));

        Assert.StartsWith("Sample topic ", (await RunAsync(user, graph, "{}")).GetProperty("outputs").GetProperty("o")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sub_agent_is_dry_too_and_nothing_is_stored_or_asked_for()
    {
        var user = server.Anybody();
        var sub = await user.CreateAsync(new TestGraph("Below")
            .Node("keep", Persist, new JsonObject { ["key"] = "k", ["value"] = "v", ["scope"] = "across_agents" }).Node("out", TestGraph.Output, "kept").Link("keep", "value", "out", "value"));
        var schema = JsonNode.Parse("""{"properties": {"kept": {} } }""");
        var root = await user.CreateAsync(new TestGraph()
            .Node("agent", TestGraph.Agent, new JsonObject
            {
                ["graph_id"] = sub.Id(),
                ["graph_version"] = 1,
                ["inputs"] = new JsonObject(),
                ["input_schema"] = new JsonObject(),
                ["output_schema"] = schema,
            })
            .Node("print", PrintToConsole).Node("out", TestGraph.Output, "o").Link("agent", "kept", "print", "text").Link("agent", "kept", "out", "value"));
        await user.PatchAsync($"/api/graphs/{root.Id()}/settings", JsonNode.Parse("""{"sensitive_action_safe_mode": true}""")!);

        var run = await RunAsync(user, root, "{}");

        Assert.Equal("COMPLETED", run.Text("status"));
        Assert.StartsWith("Sample value ", run.GetProperty("outputs").GetProperty("o")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(0L, await CountAsync($"user_values WHERE user_id = '{run.Text("user_id")}'"));
        Assert.Equal(2L, await CountAsync($"runs WHERE user_id = '{run.Text("user_id")}' AND (spec ->> 'is_dry_run')::boolean"));
    }

    [Fact]
    public async Task Every_shipped_agent_runs_dry()
    {
        var ran = 0;
        foreach (var file in Directory.GetFiles(SharedFiles.Contract("agents"), "*.json").Where(path => Path.GetFileName(path) != "agent-runs.json"))
        {
            var user = server.Anybody();
            var export = JsonNode.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))!;
            var stored = await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = export });
            // Three templates use pins that are gone (quirk 4 of block-tiers).
            if (stored.Status == 400 && stored.Detail.Contains("but the block has no such input", StringComparison.Ordinal)) continue;
            Assert.True(stored.Status == 200, $"{file}: {stored.Text}");
            var run = await RunAsync(user, stored.Json, "{}");
            Assert.True(run.Text("status") == "COMPLETED", $"{file}: {run.GetProperty("stats").GetRawText()}");
            ran++;
        }

        Assert.InRange(ran, 11, int.MaxValue);
    }

    private async Task<object?> CountAsync(string what)
    {
        await using var command = server.Database.DataSource.CreateCommand("SELECT count(*) FROM " + what);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> RunAsync(ApiClient user, JsonElement graph, string inputs) =>
        await user.EndAsync(await user.ExecuteAsync(graph, JsonNode.Parse($$"""{"inputs": {{inputs}}, "dry_run": true}""")));
}
