using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Agents that run their tools in the place of their node, with kills between and during the calls (ADR 0035).</summary>
public sealed class AgentToolsTests
{
    private const string DecisionMaker = "3b191d9f-356f-482d-8238-ba04b6d18381";

    [Theory]
    [InlineData("nothing")]
    [InlineData("question 2")]
    [InlineData("writer")]
    [InlineData("question 3")]
    public async Task A_kill_repeats_no_finished_call_and_charges_nothing_twice(string killedDuring)
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        await using var models = await ScriptedModelServer.StartAsync();
        var asked = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<ModelResponse>();
        models.Answer = request =>
        {
            var messages = request.Body["messages"]!.AsArray();
            var results = messages.Count(message => message!["role"]!.GetValue<string>() == "tool");
            var name = request.Body["tools"] is null ? "writer" : $"question {results + 1}";
            if (asked.AddOrUpdate(name, 1, (_, count) => count + 1) == 1 && name == killedDuring)
            {
                arrived.TrySetResult();
                return never.Task;
            }

            return Task.FromResult(name switch
            {
                "question 1" => new ModelResponse { ToolCalls = [("call_1", "fetch", new JsonObject { ["url"] = $"{world.Address}/step/one", ["body"] = new JsonObject() }.ToJsonString())] },
                "question 2" => new ModelResponse { ToolCalls = [("call_2", "writer", """{"prompt":"Write about two"}""")] },
                "question 3" => new ModelResponse { Text = "All done" },
                _ => new ModelResponse { Text = "Written" },
            });
        };
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        place.Environment["OPENAI_BASE_URL"] = models.Origin + "/v1";
        place.Environment["OPENAI_API_KEY"] = "key";
        place.Environment["ENABLE_CREDIT"] = "true";
        var agent = place.File("tools.json", Agent());

        if (killedDuring != "nothing")
        {
            await using var first = GrainflowProcess.Start(place.Environment, agent, "--input", "task=Do it");
            await arrived.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
            await first.KillAsync();
        }

        var result = await place.RunAsync(agent, "--input", "task=Do it");

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("All done", result.Output, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(world.Calls).Value);
        // Only the call that was under way is made again, because nobody knows what became of it.
        Assert.All(asked, call => Assert.Equal(call.Key == killedDuring ? 2 : 1, call.Value));
        Assert.Equal(["question 1", "question 2", "question 3", "writer"], asked.Keys.Order(StringComparer.Ordinal));
        // Four answers were received, each counted once; the decision maker and the writer cost a credit each.
        Assert.Equal(44, await place.CountAsync("SELECT (stats ->> 'input_token_count')::bigint FROM node_executions WHERE node_id = (SELECT node_id FROM node_executions WHERE price = 1)"));
        Assert.Equal(28, await place.CountAsync("SELECT (stats ->> 'output_token_count')::bigint FROM node_executions WHERE price = 1"));
        Assert.Equal(2, await place.CountAsync("SELECT -sum(amount) FROM ledger WHERE type = 'USAGE'"));
        Assert.Equal(2, await place.CountAsync("SELECT count(*) FROM ledger WHERE type = 'USAGE'"));
        Assert.Equal(2, await place.CountAsync("SELECT (stats ->> 'cost')::bigint FROM run_head"));
    }

    private static string Agent() => new AgentBuilder("tools")
        .Node("in", AgentBuilder.TextInput, new JsonObject { ["name"] = "task" })
        .Node("decide", DecisionMaker, new JsonObject { ["model"] = "gpt-4o-mini", ["agent_mode_max_iterations"] = 5, ["execution_mode"] = "built_in" })
        .Node("fetch", AgentBuilder.WebRequest, new JsonObject { ["method"] = "POST" }, "Fetch")
        .Node("write", AgentBuilder.TextGenerator, new JsonObject { ["model"] = "gpt-4o-mini" }, "Writer")
        .Node("out", AgentBuilder.Output, new JsonObject { ["name"] = "end" })
        .Link("in", "result", "decide", "prompt")
        .Link("decide", "tools", "fetch", "url")
        .Link("decide", "tools", "fetch", "body")
        .Link("decide", "tools", "write", "prompt")
        .Link("decide", "finished", "out", "value")
        .Json();
}
