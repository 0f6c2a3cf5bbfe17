using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Executions;

/// <summary>The log of a run as its user reads it.</summary>
public sealed class ExecutionLogTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Condition = "715696a0-e1da-45c8-b209-c2fa9c3b0be6";

    [Fact]
    public async Task The_log_has_every_decision_with_its_node_and_cost_and_no_values()
    {
        var user = server.Anybody();
        var (run, names) = await RunNamedAsync(user, new TestGraph().Node("in", TestGraph.NumberInput, new JsonObject { ["name"] = "n" }, Named("in")));
        var log = (await user.GetAsync(Path(run))).Json;

        Assert.Equal(
            "run_started node_dispatched node_ended run_ended",
            string.Join(' ', log.GetProperty("entries").EnumerateArray().Select(entry => entry.Text("kind"))));
        var ended = log.GetProperty("entries")[2];
        Assert.Equal(
            ("in", "COMPLETED", 1, 0L),
            (names[ended.Text("node_id")!], ended.Text("status"), ended.GetProperty("attempt").GetInt32(), ended.GetProperty("cost").GetInt64()));
        Assert.StartsWith("Completed in ", ended.Text("text"), StringComparison.Ordinal);
        Assert.Equal("The run has ended: COMPLETED.", log.GetProperty("entries")[3].Text("text"));
        Assert.Equal(JsonValueKind.Null, log.GetProperty("next").ValueKind);
        Assert.Equal(0, log.GetProperty("unstarted").GetArrayLength());
    }

    [Fact]
    public async Task Nodes_that_were_not_executed_are_told_with_what_they_lack()
    {
        var user = server.Anybody();
        var (run, names) = await RunNamedAsync(user, new TestGraph("Branch")
            .Node("n", TestGraph.NumberInput, "n")
            .Node("if", Condition, new JsonObject { ["operator"] = ">", ["value2"] = 0 }, Named("if"))
            .Node("both", TestGraph.StoreValue, metadata: Named("both"))
            .Node("no", TestGraph.StoreValue, metadata: Named("no"))
            .Node("note", "cc10ff7b-7753-4ff2-9af6-9399b1a7eddc", new JsonObject { ["text"] = "a note" })
            .Link("n", "result", "if", "value1")
            .Link("if", "yes_output", "both", "input")
            .Link("if", "no_output", "both", "data")
            .Link("if", "no_output", "no", "input"));
        var unstarted = (await user.GetAsync(Path(run))).Json.GetProperty("unstarted");

        Assert.Equal(
            [
                "both: An execution has values, but none has come to data (from no_output of if).",
                "no: No value has come to input (from no_output of if).",
            ],
            unstarted.EnumerateArray().Select(node => $"{names[node.Text("node_id")!]}: {node.Text("text")}"));
        Assert.NotEqual(JsonValueKind.Null, unstarted[0].GetProperty("node_exec_id").ValueKind);
        Assert.Equal(JsonValueKind.Null, unstarted[1].GetProperty("node_exec_id").ValueKind);

        var ofNode = (await user.GetAsync(Path(run) + "?node_id=" + Id("no"))).Json;
        Assert.Equal((0, 1), (ofNode.GetProperty("entries").GetArrayLength(), ofNode.GetProperty("unstarted").GetArrayLength()));
        ofNode = (await user.GetAsync(Path(run) + "?node_id=" + Id("if"))).Json;
        Assert.Equal([Id("if")], ofNode.GetProperty("entries").EnumerateArray().Select(entry => entry.Text("node_id")).Distinct());
        Assert.Equal(0, ofNode.GetProperty("unstarted").GetArrayLength());

        string Id(string name) => names.Single(pair => pair.Value == name).Key;
    }

    [Fact]
    public async Task A_long_log_is_read_in_pages_each_entry_once()
    {
        var user = server.Anybody();
        var run = await RunAsync(user, TestGraph.Echo());
        var read = new List<long>();
        long? next = 0;
        while (next is { } after)
        {
            var page = (await user.GetAsync($"{Path(run)}?limit=2&after={after}")).Json;
            Assert.InRange(page.GetProperty("entries").GetArrayLength(), 1, 2);
            read.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("seq").GetInt64()));
            next = page.GetProperty("next").ValueKind == JsonValueKind.Null ? null : page.GetProperty("next").GetInt64();
        }

        Assert.Equal(6, read.Count);
        Assert.Equal(read.Order().Distinct(), read);
    }

    [Fact]
    public async Task Only_the_owner_reads_a_log()
    {
        var user = server.Anybody();
        var run = await RunAsync(user, TestGraph.Echo());
        (await server.Anybody().GetAsync(Path(run))).IsDetail(404);
        (await user.GetAsync($"/api/graphs/{Guid.NewGuid()}/executions/{run.Id()}/log")).IsDetail(404);
        (await user.GetAsync($"/api/graphs/{run.Text("graph_id")}/executions/not-an-id/log")).IsDetail(404);
    }

    [Theory]
    [InlineData("limit=0", "greater_than_equal query.limit")]
    [InlineData("limit=1001", "less_than_equal query.limit")]
    [InlineData("after=-1", "greater_than_equal query.after")]
    [InlineData("after=x", "int_parsing query.after")]
    public async Task What_does_not_fit_is_named(string query, string problem)
    {
        var user = server.Anybody();
        Assert.Equal([problem], (await user.GetAsync($"/api/graphs/{Guid.NewGuid()}/executions/{Guid.NewGuid()}/log?{query}")).Problems());
    }

    private static string Path(JsonElement run) => $"/api/graphs/{run.Text("graph_id")}/executions/{run.Id()}/log";

    private static JsonObject Named(string name) => new() { ["customized_name"] = name };

    private static async Task<JsonElement> RunAsync(ApiClient user, TestGraph graph) => (await RunNamedAsync(user, graph)).Run;

    /// <summary>Runs a graph to its end. Its nodes get ids when it is stored; they are answered with their titles.</summary>
    private static async Task<(JsonElement Run, IReadOnlyDictionary<string, string> Names)> RunNamedAsync(ApiClient user, TestGraph graph)
    {
        var stored = await user.CreateAsync(graph);
        var names = stored.GetProperty("nodes").EnumerateArray()
            .ToDictionary(node => node.Id(), node => node.GetProperty("metadata").TryGetProperty("customized_name", out var name) ? name.GetString()! : "", StringComparer.Ordinal);
        return (await user.EndAsync(await user.ExecuteAsync(stored, JsonNode.Parse("""{"inputs": {"n": 1}}"""))), names);
    }
}
