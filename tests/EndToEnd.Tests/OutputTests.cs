using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

public sealed class OutputTests
{
    [Fact]
    public async Task Progress_goes_to_standard_error_and_the_result_alone_to_standard_output()
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Repository.Example("greeting.json"), "--input", "name=Ada", "language=Latin");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["graph_exec_id", "status", "outputs", "stats"], result.Json.EnumerateObject().Select(member => member.Name));
        Assert.StartsWith("""{"greeting":["Salve,Ada!""", result.OutputsJson, StringComparison.Ordinal);
        Assert.Contains("start Write the greeting", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Greeting: COMPLETED", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Errors);
    }

    [Fact]
    public async Task With_json_nothing_but_the_result_is_printed()
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Repository.Example("greeting.json"), "--json", "--input", "name=Ada");
        Assert.Equal("COMPLETED", result.Status);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_failed_node_is_counted_and_the_run_still_completes()
    {
        await using var place = await Workplace.CreateAsync();
        var agent = place.File("agent.json", new AgentBuilder("fails")
            .Node("ask", AgentBuilder.WebRequest, new JsonObject { ["url"] = "http://127.0.0.1:1/" })
            .Node("out", AgentBuilder.Output, new JsonObject { ["name"] = "error" })
            .Link("ask", "error", "out", "value").Json());

        var result = await place.RunAsync(agent);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1, result.Json.GetProperty("stats").GetProperty("node_error_count").GetInt32());
        Assert.Contains("TRUST_ENDPOINTS_FOR_REQUESTS", result.OutputsJson, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_without_credits_fails_and_exits_with_1()
    {
        await using var place = await Workplace.CreateAsync();
        place.Environment["ENABLE_CREDIT"] = "true";
        place.Environment["NUM_USER_CREDITS_REFILL"] = "0";
        var result = await place.RunAsync(Repository.Example("greeting.json"), "--input", "name=Ada");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("FAILED", result.Status);
        Assert.Contains("no credits left", result.Json.GetProperty("stats").GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_key_appears_nowhere()
    {
        const string Canary = "canary-7f3a";
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["OPENAI_BASE_URL"] = world.Address + "/v1";
        place.Environment["OPENAI_API_KEY"] = Canary;
        var agent = place.File("agent.json", new AgentBuilder("asks")
            .Node("ask", AgentBuilder.TextGenerator, new JsonObject { ["model"] = "gpt-4o-mini", ["prompt"] = "hello word" }).Json());

        var result = await place.RunAsync(agent);

        Assert.Equal("COMPLETED", result.Status);
        Assert.DoesNotContain(Canary, result.Output + result.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await place.CountAsync($"SELECT count(*) FROM runs WHERE spec::text LIKE '%{Canary}%'"));
        Assert.Equal(0, await place.CountAsync($"SELECT count(*) FROM execution_events WHERE body::text LIKE '%{Canary}%'"));
        Assert.Equal(0, await place.CountAsync($"SELECT count(*) FROM node_executions WHERE input::text LIKE '%{Canary}%'"));
    }
}
