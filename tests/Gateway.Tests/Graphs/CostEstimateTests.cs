using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Graphs;

public sealed class CostEstimateTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task The_estimate_has_what_each_node_and_the_run_cost_and_is_what_is_charged()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.AskingModel());

        var estimate = (await user.GetAsync($"/api/graphs/{graph.Id()}/cost-estimate")).Json;
        var run = await user.EndAsync(await user.ExecuteAsync(graph));

        Assert.Equal((1, 1, true), (estimate.GetProperty("total").GetInt32(), estimate.GetProperty("maximum").GetInt32(), estimate.GetProperty("known").GetBoolean()));
        Assert.Equal("""{"every":100,"credits":1,"at_most":1}""", estimate.GetProperty("fees").GetRawText());
        var node = Assert.Single(estimate.GetProperty("nodes").EnumerateArray());
        Assert.Equal((graph.Id(), "AITextGeneratorBlock", 1, "run"), (node.Text("graph_id"), node.Text("block_name"), node.GetProperty("cost").GetInt32(), node.Text("cost_type")));
        Assert.Equal(1, run.GetProperty("stats").GetProperty("cost").GetInt32());
    }

    [Fact]
    public async Task Inputs_credentials_and_version_are_taken_from_the_query()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph()
            .Node("model", TestGraph.TextInput, "m").Node("ask", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "hello" }).Link("model", "result", "ask", "model"));
        var path = $"/api/graphs/{graph.Id()}/cost-estimate?version=1";
        var key = graph.GetProperty("credentials_input_schema").GetProperty("properties").EnumerateObject().Single().Name;
        string Credentials(string id) => "&credentials_inputs=" + Uri.EscapeDataString(
            new JsonObject { [key] = new JsonObject { ["id"] = id, ["provider"] = "openai", ["type"] = "api_key" } }.ToJsonString());
        async Task<(int Total, bool Known)> EstimateAsync(string query)
        {
            var json = (await user.GetAsync(path + query)).Json;
            return (json.GetProperty("total").GetInt32(), json.GetProperty("known").GetBoolean());
        }

        var inputs = "&inputs=" + Uri.EscapeDataString("""{"m": "gpt-4o"}""");
        Assert.Equal((3, true), await EstimateAsync(inputs + Credentials(SystemCredentials.Ids["openai"])));
        Assert.Equal((0, true), await EstimateAsync(inputs + Credentials("own")));
        Assert.Equal((3, false), await EstimateAsync(inputs));
    }

    [Theory]
    [InlineData("inputs=5")]
    [InlineData("inputs=%7B")]
    [InlineData("credentials_inputs=%5B%5D")]
    [InlineData("version=x")]
    public async Task A_query_that_does_not_fit_is_refused_by_its_name(string query)
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());

        var answer = await user.GetAsync($"/api/graphs/{graph.Id()}/cost-estimate?{query}");

        Assert.Equal(422, answer.Status);
        Assert.Contains($"\"{query.Split('=')[0]}\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_graph_of_another_user_is_not_found()
    {
        var graph = await server.Anybody().CreateAsync(TestGraph.Echo());

        (await server.Anybody().GetAsync($"/api/graphs/{graph.Id()}/cost-estimate")).IsDetail(404);
        (await server.Anybody().GetAsync("/api/graphs/none/cost-estimate")).IsDetail(404);
        (await server.Anybody().GetAsync($"/api/graphs/{graph.Id()}/cost-estimate?version=9")).IsDetail(404);
    }
}
