using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.Blocks;

public sealed class BlockTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Calculator = "b1ab9b19-67a6-406d-abf5-2dba76d00c79";

    [Fact]
    public async Task Every_block_is_listed_with_schemas_prices_and_kind()
    {
        var blocks = (await server.Anybody().GetAsync("/api/blocks")).Json.EnumerateArray().ToList();
        Assert.Equal(blocks.Select(block => block.Text("name")).Order(StringComparer.Ordinal), blocks.Select(block => block.Text("name")));
        var generator = blocks.Single(block => block.Id() == TestGraph.TextGenerator);
        Assert.Equal("AITextGeneratorBlock", generator.Text("name"));
        Assert.Equal("object", generator.GetProperty("inputSchema").Text("type"));
        var costs = generator.GetProperty("costs").EnumerateArray().ToLookup(cost => cost.GetProperty("cost_filter").TryGetProperty("model", out _));
        Assert.NotEmpty(costs[true]);
        Assert.All(costs[true], cost => Assert.Equal("run", cost.Text("cost_type")));
        // Those of models that the table does not have.
        Assert.All(costs[false], cost => Assert.Contains(cost.Text("cost_type"), new[] { "tokens", "cost_usd" }));
        Assert.All(generator.GetProperty("categories").EnumerateArray(), category => Assert.NotEqual("", category.Text("description")));
        Assert.Equal("Input", blocks.Single(block => block.Id() == TestGraph.NumberInput).Text("uiType"));
        Assert.Equal("Output", blocks.Single(block => block.Id() == TestGraph.Output).Text("uiType"));
    }

    [Fact]
    public async Task Without_a_public_address_blocks_that_webhooks_start_are_off()
    {
        var user = server.Anybody();
        Assert.DoesNotContain((await user.GetAsync("/api/blocks")).Json.EnumerateArray(), block => block.Text("uiType")!.StartsWith("Webhook", StringComparison.Ordinal));
        (await user.PostAsync("/api/blocks/8fa8c167-2002-47ce-aba8-97572fc5d387/execute", new JsonObject())).IsDetail(403);
    }

    [Fact]
    public async Task A_block_runs_by_itself_and_its_outputs_are_grouped_by_pin()
    {
        var user = server.Anybody();
        var answer = await user.PostAsync($"/api/blocks/{Calculator}/execute", JsonNode.Parse("""{"operation": "Add", "a": 2, "b": 3}"""));
        Assert.True(answer.Status == 200, answer.Text);
        Assert.All(answer.Json.EnumerateObject(), pin => Assert.Equal(JsonValueKind.Array, pin.Value.ValueKind));
        Assert.Equal(5, answer.Json.GetProperty("result")[0].GetDouble());
        var many = await user.PostAsync($"/api/blocks/{LiveBlocks.Stream}/execute", JsonNode.Parse("""{"count": 3}"""));
        Assert.Equal("""{"value":["0","1","2"]}""", many.Text);
        Assert.Equal("[]", (await user.GetAsync("/api/executions")).Text);
    }

    [Fact]
    public async Task Whatever_goes_wrong_is_answered_with_its_error()
    {
        var user = server.Anybody();
        (await user.PostAsync($"/api/blocks/{Guid.NewGuid()}/execute", new JsonObject())).IsDetail(404);
        (await user.PostAsync($"/api/blocks/{Calculator}/execute", new JsonObject())).IsError(400);
        var failed = await user.PostAsync($"/api/blocks/{LiveBlocks.Step}/execute", new JsonObject { ["fail"] = "no luck" });
        failed.IsError(400);
        Assert.Contains("no luck", failed.Detail, StringComparison.Ordinal);
        (await user.PostAsync($"/api/blocks/{LiveBlocks.Stream}/execute", new JsonObject())).IsError(500);
        (await user.PostAsync($"/api/blocks/{TestGraph.TextGenerator}/execute", new JsonObject { ["prompt"] = "x" })).IsError(400);
        Assert.Equal(["model_attributes_type body"], (await user.SendAsync(HttpMethod.Post, $"/api/blocks/{Calculator}/execute", "x", request => request.Content!.Headers.ContentType = new("text/plain"))).Problems());
        Assert.Equal(["dict_type body"], (await user.PostAsync($"/api/blocks/{Calculator}/execute", new JsonArray())).Problems());
        Assert.Equal(["missing body"], (await user.PostAsync($"/api/blocks/{Calculator}/execute")).Problems());
    }
}
