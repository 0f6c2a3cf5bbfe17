using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.Integrations;

/// <summary>Runs with an API key that has the address of the user's own model server.</summary>
public sealed class BaseUrlTests
{
    [Fact]
    public async Task A_run_asks_the_server_of_its_credential_where_the_operator_allows_the_address()
    {
        await using var models = await ScriptedModelServer.StartAsync();
        await using var server = new CredentialServer { Models = models.Origin };
        await server.InitializeAsync();

        var run = await RunAsync(server, models.Origin + "/own/v1");

        Assert.Equal("COMPLETED", run.Text("status"));
        Assert.Equal(["/own/v1/chat/completions"], models.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task A_credential_does_not_open_the_network_of_the_operator()
    {
        await using var models = await ScriptedModelServer.StartAsync();
        await using var server = new CredentialServer();
        await server.InitializeAsync();

        var run = await RunAsync(server, models.Origin + "/v1");

        Assert.Contains("TRUST_ENDPOINTS_FOR_REQUESTS", Assert.Single(run.GetProperty("node_executions").EnumerateArray()).GetRawText(), StringComparison.Ordinal);
        Assert.Empty(models.Requests);
    }

    private static async Task<JsonElement> RunAsync(CredentialServer server, string baseUrl)
    {
        var user = server.Anybody();
        var key = await user.PostAsync("/api/integrations/openai/credentials", new JsonObject
        {
            ["type"] = "api_key",
            ["provider"] = "openai",
            ["api_key"] = "any",
            ["metadata"] = new JsonObject { ["base_url"] = baseUrl },
        });
        var graph = await user.CreateAsync(new TestGraph("Model").Node("ask", TestGraph.TextGenerator, new JsonObject
        {
            ["prompt"] = "hello",
            ["model"] = "qwen3",
            ["retry"] = 1,
            ["credentials"] = new JsonObject { ["id"] = key.Json.Id(), ["provider"] = "openai", ["type"] = "api_key" },
        }));
        return await user.EndAsync(await user.ExecuteAsync(graph));
    }
}
