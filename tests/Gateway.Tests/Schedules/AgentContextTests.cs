using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Integrations;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.Schedules;

/// <summary>What the last model call of an execution has used of the context of its model (contract: schedules-others, "context_used and context_max").</summary>
public sealed class AgentContextTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_tokens_of_the_last_model_call_stand_with_the_execution_those_of_a_sub_agent_too(bool inSubAgent)
    {
        await using var models = await ScriptedModelServer.StartAsync();
        await using var server = new CredentialServer { Models = models.Origin };
        await server.InitializeAsync();
        var user = server.Anybody();
        var agent = await user.CreateAsync(TestGraph.AskingModel());
        if (inSubAgent)
        {
            agent = await user.CreateAsync(new TestGraph("Outer").Node("agent", TestGraph.Agent, new JsonObject
            {
                ["graph_id"] = agent.Id(),
                ["graph_version"] = 1,
                ["inputs"] = new JsonObject(),
                ["input_schema"] = new JsonObject { ["properties"] = new JsonObject() },
                ["output_schema"] = new JsonObject { ["properties"] = new JsonObject() },
            }));
        }

        var path = $"/api/agents/{agent.Id()}";
        var schedule = await user.PostAsync(path + "/schedules", JsonNode.Parse("""{"name": "Daily", "cron_expression": "0 9 * * *", "inputs": {}}"""));
        Assert.True(schedule.Status == 201, schedule.Text);
        Assert.Equal(200, (await user.PostAsync($"{path}/schedules/{schedule.Json.Id()}/trigger")).Status);
        await server.SuccessesAsync(user, (await user.GetAsync($"/api/schedules/{schedule.Json.Id()}")).Json, 1);

        // 11 tokens sent and 7 received, of the 128,000 that gpt-4o-mini takes.
        Assert.Equal((18, 128_000), Context(Assert.Single((await user.GetAsync(path + "/executions")).Json.EnumerateArray())));
        Assert.Equal((18, 128_000), Context(Assert.Single((await user.GetAsync(path + "/activities")).Json.EnumerateArray()).GetProperty("details")));

        static (int, int) Context(JsonElement of) => (of.GetProperty("context_used").GetInt32(), of.GetProperty("context_max").GetInt32());
    }
}
