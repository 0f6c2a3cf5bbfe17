using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Graphs;

public sealed class GraphErrorTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("{}", "missing body.graph")]
    [InlineData("[]", "model_attributes_type body")]
    [InlineData("""{"graph": {"name": "x"}}""", "missing body.graph.description")]
    [InlineData("""{"graph": {"name": 5, "description": null}}""", "string_type body.graph.name", "string_type body.graph.description")]
    [InlineData("""{"graph": {"name": "", "description": "", "version": "one", "is_active": 1, "nodes": {}}}""", "int_type body.graph.version", "bool_type body.graph.is_active", "list_type body.graph.nodes")]
    [InlineData("""{"graph": {"name": "", "description": "", "nodes": [{"input_default": []}, 5]}}""", "missing body.graph.nodes.0.block_id", "dict_type body.graph.nodes.0.input_default", "model_attributes_type body.graph.nodes.1")]
    [InlineData("""{"graph": {"name": "", "description": "", "links": [{"source_id": "a", "sink_id": "b", "source_name": "c"}]}}""", "missing body.graph.links.0.sink_name")]
    [InlineData("""{"graph": {"name": "", "description": ""}, "source": "elsewhere"}""", "literal_error body.source")]
    public async Task A_body_of_the_wrong_shape_is_answered_with_its_places(string body, params string[] problems)
    {
        var answer = await server.Anybody().SendAsync(HttpMethod.Post, "/api/graphs", body);
        Assert.Equal(problems, answer.Problems());
        Assert.Equal("Invalid data for POST /api/graphs", answer.Json.Text("message"));
    }

    [Fact]
    public async Task A_missing_body_is_missing() =>
        Assert.Equal(["missing body"], (await server.Anybody().PostAsync("/api/graphs")).Problems());

    [Fact]
    public async Task A_graph_that_is_wrong_is_refused_with_the_first_reason()
    {
        var user = server.Anybody();
        var unknownPin = await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = TestGraph.Echo().Link("in", "nothing", "out", "value").Json() });
        unknownPin.IsError(400);
        Assert.Contains("'nothing'", unknownPin.Detail, StringComparison.Ordinal);
        (await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = new TestGraph().Node("a", TestGraph.Output).Json() })).IsError(400);
        Assert.Equal("[]", (await user.GetAsync("/api/graphs")).Text);
    }

    [Fact]
    public async Task A_graph_with_an_unknown_block_is_stored_with_a_warning_and_cannot_run()
    {
        var user = server.Anybody();
        var answer = await user.PostAsync("/api/graphs", new JsonObject
        {
            ["graph"] = TestGraph.Echo().Node("a", "no-such-block", new JsonObject { ["text"] = "x" }, new JsonObject { ["customized_name"] = "New" }).Link("in", "result", "a", "number").Json(),
        });

        Assert.Equal(200, answer.Status);
        var warning = Assert.Single(answer.Json.GetProperty("warnings").EnumerateArray());
        var node = answer.Json.GetProperty("nodes").EnumerateArray().Single(one => one.Text("block_id") == "no-such-block");
        Assert.Equal((node.Id(), "block_id"), (warning.Text("node_id"), warning.Text("field")));
        Assert.Contains("It is kept as it is with its inputs text, number", warning.Text("message"), StringComparison.Ordinal);
        var read = (await user.GetAsync($"/api/graphs/{answer.Json.Id()}")).Json;
        Assert.Equal("""{"text":"x"}""", read.GetProperty("nodes").EnumerateArray().Single(one => one.Id() == node.Id()).GetProperty("input_default").GetRawText());

        var refused = await user.PostAsync($"/api/graphs/{answer.Json.Id()}/execute/1", JsonNode.Parse("""{"inputs": {"n": 5}}"""));
        Assert.Equal(400, refused.Status);
        Assert.Contains($"Node {node.Id()} \\\"New\\\" uses block no-such-block, which is not known here", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sub_agent_with_an_unknown_block_is_refused_before_anything_runs()
    {
        var user = server.Anybody();
        var sub = await user.CreateAsync(new TestGraph("Below").Node("a", "no-such-block"));
        var root = await user.CreateAsync(new TestGraph().Node("agent", TestGraph.Agent, new JsonObject
        {
            ["graph_id"] = sub.Id(),
            ["graph_version"] = 1,
            ["inputs"] = new JsonObject(),
            ["input_schema"] = new JsonObject(),
            ["output_schema"] = new JsonObject(),
        }));

        var refused = await user.PostAsync($"/api/graphs/{root.Id()}/execute/1", JsonNode.Parse("{}"));

        Assert.Equal(400, refused.Status);
        Assert.Contains("of the sub-agent \\\"Below\\\" uses block no-such-block", refused.Text, StringComparison.Ordinal);
        Assert.Equal("[]", (await user.GetAsync("/api/executions")).Text);
    }

    [Fact]
    public async Task An_update_must_name_its_graph_and_own_it()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        (await user.PutAsync($"/api/graphs/{graph.Id()}", TestGraph.Echo().Set("id", Guid.NewGuid().ToString()).Json())).IsDetail(400);
        (await user.PutAsync($"/api/graphs/{Guid.NewGuid()}", TestGraph.Echo().Json())).IsDetail(404);
        (await user.PutAsync("/api/graphs/no-id", TestGraph.Echo().Json())).IsDetail(404);
        (await user.PutAsync($"/api/graphs/{graph.Id()}", TestGraph.Echo().Link("in", "nothing", "out", "value").Json())).IsError(400);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        (await user.GetAsync($"/api/graphs/{Guid.NewGuid()}")).IsDetail(404);
        (await user.GetAsync("/api/graphs/no-id")).IsDetail(404);
        (await user.GetAsync($"/api/graphs/{graph.Id()}?version=2")).IsDetail(404);
        (await user.GetAsync($"/api/graphs/{graph.Id()}/versions/2")).IsDetail(404);
        (await user.GetAsync($"/api/graphs/{Guid.NewGuid()}/versions")).IsDetail(404);
        Assert.Equal(["int_parsing path.version"], (await user.GetAsync($"/api/graphs/{graph.Id()}/versions/x")).Problems());
        Assert.Equal(["bool_parsing query.for_export", "int_parsing query.version"], (await user.GetAsync($"/api/graphs/{graph.Id()}?version=x&for_export=perhaps")).Problems().Order());
        Assert.Equal(["missing body.active_graph_version"], (await user.PutAsync($"/api/graphs/{graph.Id()}/versions/active", new JsonObject())).Problems());
    }

    [Fact]
    public async Task More_nodes_than_a_graph_may_have_are_refused()
    {
        var graph = new TestGraph();
        for (var i = 0; i < 1001; i++) graph.Node($"n{i}", TestGraph.StoreValue);
        var answer = await server.Anybody().PostAsync("/api/graphs", new JsonObject { ["graph"] = graph.Json() });
        answer.IsError(400);
        Assert.Contains("at most 1000", answer.Detail, StringComparison.Ordinal);
    }
}
