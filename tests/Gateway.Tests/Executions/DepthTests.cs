using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.Executions;

/// <summary>Values of up to 512 levels go through every door of the server, and a deeper one is refused by name.</summary>
public sealed class DepthTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string AnyInput = "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b";
    private const string CreateDictionary = "b924ddf4-de4f-4b56-9a85-358930dcbc91";
    private const string Limit = "nests deeper than 512 levels of lists and objects, which is the limit";

    public static TheoryData<int> Allowed => [63, 64, 511, 512];

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task A_block_that_runs_by_itself_takes_and_gives_it(int levels)
    {
        var answer = await server.Anybody().SendAsync(HttpMethod.Post, $"/api/blocks/{LiveBlocks.Step}/execute", $$"""{"value": {{Nested(levels)}}}""");

        Assert.Equal((200, $$"""{"value":[{{Nested(levels)}}]}"""), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_block_that_runs_by_itself_refuses_more_by_the_name_of_the_pin()
    {
        var user = server.Anybody();
        var input = await user.SendAsync(HttpMethod.Post, $"/api/blocks/{LiveBlocks.Step}/execute", $$"""{"value": {{Nested(513)}}}""");
        var output = await user.SendAsync(HttpMethod.Post, $"/api/blocks/{CreateDictionary}/execute", $$$"""{"values": {"x": {{{Nested(511)}}}}}""");

        input.IsError(400);
        Assert.Contains($"'value' {Limit}", input.Detail, StringComparison.Ordinal);
        Assert.Equal((200, $$$"""{"dictionary":[{"x":{{{Nested(511)}}}}]}"""), (output.Status, output.Text));
        Assert.StartsWith("json_invalid", Assert.Single((await user.SendAsync(HttpMethod.Post, $"/api/blocks/{LiveBlocks.Step}/execute", $$"""{"value": {{Nested(600)}}}""")).Problems()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task A_run_takes_it_as_input_and_shows_it_in_its_results(int levels)
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph().Node("in", AnyInput, "n").Node("out", TestGraph.Output, "o").Link("in", "result", "out", "value"));

        var run = await user.EndAsync(await StartAsync(user, graph, levels));

        Assert.Equal($$"""{"o":[{{Nested(levels)}}]}""", run.GetProperty("outputs").GetRawText());
        Assert.Equal($$"""{"n":{{Nested(levels)}}}""", run.GetProperty("inputs").GetRawText());
        Assert.Equal($$"""{"result":[{{Nested(levels)}}]}""", run.GetProperty("node_executions")[0].GetProperty("output_data").GetRawText());
    }

    [Fact]
    public async Task A_run_refuses_more_by_the_name_of_the_input()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph().Node("in", AnyInput, "n"));

        var answer = await user.SendAsync(HttpMethod.Post, $"/api/graphs/{graph.Id()}/execute/1", $$$"""{"inputs": {"n": {{{Nested(513)}}}}}""");

        answer.IsError(400);
        Assert.Contains($"Input 'n' {Limit}", answer.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(511)]
    public async Task A_dynamic_pin_loses_nothing_of_it(int levels)
    {
        var user = server.Anybody();
        var run = await user.EndAsync(await StartAsync(user, await user.CreateAsync(Dictionary()), levels));

        Assert.Equal($$$"""{"o":[{"x":{{{Nested(levels)}}}}]}""", run.GetProperty("outputs").GetRawText());
    }

    [Theory]
    [InlineData("values_#_x", 512)]
    [InlineData("values_#_x_$_0", 511)]
    public async Task A_node_fails_when_dynamic_pins_assemble_more_and_its_error_names_the_pin(string pin, int levels)
    {
        var user = server.Anybody();
        var run = await user.EndAsync(await StartAsync(user, await user.CreateAsync(Dictionary(pin)), levels));

        var node = run.GetProperty("node_executions").EnumerateArray().Single(node => node.Text("block_id") == CreateDictionary);
        Assert.Equal("FAILED", node.Text("status"));
        Assert.Contains($"'values' {Limit}", node.GetProperty("output_data").GetProperty("error")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(1, run.GetProperty("stats").GetProperty("node_error_count").GetInt32());
    }

    [Fact]
    public async Task A_block_that_makes_more_fails_and_its_error_names_the_pin()
    {
        var user = server.Anybody();
        // The block puts the value into a list.
        var graph = await user.CreateAsync(new TestGraph().Node("in", AnyInput, "n").Node("wrap", LiveBlocks.Step, new JsonObject { ["wrap"] = true }).Link("in", "result", "wrap", "value"));

        Assert.Equal("COMPLETED", (await NodeAsync(511)).Text("status"));
        var failed = await NodeAsync(512);
        Assert.Equal("FAILED", failed.Text("status"));
        Assert.Contains($"'value' {Limit}", failed.GetProperty("output_data").GetProperty("error")[0].GetString(), StringComparison.Ordinal);

        async Task<System.Text.Json.JsonElement> NodeAsync(int levels) =>
            (await user.EndAsync(await StartAsync(user, graph, levels))).GetProperty("node_executions").EnumerateArray().Single(node => node.Text("block_id") == LiveBlocks.Step);
    }

    [Fact]
    public async Task A_graph_takes_it_as_constant_and_refuses_more_by_the_name_of_the_pin()
    {
        var user = server.Anybody();
        var stored = await user.SendAsync(HttpMethod.Post, "/api/graphs", Constant(512));
        Assert.Equal(200, stored.Status);
        Assert.Contains(Nested(512), (await user.GetAsync($"/api/graphs/{stored.Json.Id()}?for_export=true")).Text, StringComparison.Ordinal);
        var run = await user.EndAsync(await user.ExecuteAsync(stored.Json));
        Assert.Equal($$"""{"o":[{{Nested(512)}}]}""", run.GetProperty("outputs").GetRawText());

        var refused = await user.SendAsync(HttpMethod.Post, "/api/graphs", Constant(513));
        Assert.InRange(refused.Status, 400, 422);
        Assert.Contains($"'value' {Limit}", refused.Text, StringComparison.Ordinal);
    }

    private static TestGraph Dictionary(string pin = "values_#_x") =>
        new TestGraph().Node("in", AnyInput, "n").Node("dict", CreateDictionary).Node("out", TestGraph.Output, "o").Link("in", "result", "dict", pin).Link("dict", "dictionary", "out", "value");

    private static string Constant(int levels) => $$$"""
        {"graph": {"name": "g", "description": "", "links": [], "nodes": [{"id": "out", "block_id": "{{{TestGraph.Output}}}", "input_default": {"name": "o", "value": {{{Nested(levels)}}}}}]}}
        """;

    private static async Task<System.Text.Json.JsonElement> StartAsync(ApiClient user, System.Text.Json.JsonElement graph, int levels)
    {
        var answer = await user.SendAsync(HttpMethod.Post, $"/api/graphs/{graph.Id()}/execute/1", $$$"""{"inputs": {"n": {{{Nested(levels)}}}}}""");
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }
}
