using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary><c>--dry-run</c> and <c>--credential</c> of the command line.</summary>
public sealed class DryRunTests
{
    private const string TextGenerator = "1f292d4a-41a4-4977-9684-7c8d560b9f91";

    private static readonly string Asking = new AgentBuilder("asking")
        .Node("in", AgentBuilder.NumberInput, new JsonObject { ["name"] = "n" })
        .Node("ask", TextGenerator, new JsonObject { ["retry"] = 1, ["model"] = "gpt-4o-mini" })
        .Node("out", AgentBuilder.Output, new JsonObject { ["name"] = "said" })
        .Link("in", "result", "ask", "prompt").Link("ask", "response", "out", "value")
        .Json();

    [Fact]
    public async Task A_dry_run_needs_neither_inputs_nor_keys_and_says_the_same_each_time()
    {
        await using var place = await Workplace.CreateAsync();
        var agent = place.File("agent.json", Asking);

        var first = await place.RunAsync(agent, "--dry-run");
        var second = await place.RunAsync(agent, "--dry-run");

        Assert.Equal(("COMPLETED", "COMPLETED"), (first.Status, second.Status));
        Assert.Contains("Dry run: blocks that reach outside are answered with samples", first.Errors, StringComparison.Ordinal);
        Assert.StartsWith("Sample response ", JsonNode.Parse(first.Output)!["outputs"]!["said"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(JsonNode.Parse(first.Output)!["outputs"]!.ToJsonString(), JsonNode.Parse(second.Output)!["outputs"]!.ToJsonString());
    }

    [Fact]
    public async Task A_credential_of_the_command_line_is_stored_encrypted_used_and_replaced_by_the_next_one()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["OPENAI_BASE_URL"] = world.Address + "/v1";
        place.Environment.Remove("OPENAI_API_KEY");
        var agent = place.File("agent.json", Asking);

        var without = await place.RunAsync(agent, "--input", "n=1");
        var first = await place.RunAsync(agent, "--input", "n=1", "--credential", "openai=" + place.File("key", "sk-first-key\n"));
        var second = await place.RunAsync(agent, "--input", "n=2", "--credential", "openai=" + place.File("key.json", """{"api_key": "sk-second-key"}"""));

        Assert.Contains("give --credential PROVIDER=FILE", without.Errors, StringComparison.Ordinal);
        Assert.Equal((1, "COMPLETED", "COMPLETED"), (without.ExitCode, first.Status, second.Status));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM credentials WHERE provider = 'openai' AND version = 2"));
        Assert.DoesNotContain("sk-first-key", first.Output + first.Errors, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task A_server_takes_both_from_the_command_line()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["OPENAI_BASE_URL"] = world.Address + "/v1";
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        var agent = place.File("agent.json", Asking);
        var key = place.File("key", "sk-key");

        var dry = await place.RunAsync(agent, "--dry-run");
        var first = await place.RunAsync(agent, "--input", "n=1", "--credential", "openai=" + key);
        var second = await place.RunAsync(agent, "--input", "n=2", "--credential", "openai=" + key);

        Assert.True(dry.Status == "COMPLETED", dry.Errors);
        Assert.True(first.Status == "COMPLETED", first.Errors);
        Assert.True(second.Status == "COMPLETED", second.Errors);
        Assert.Equal(["model 1", "model 2"], world.Calls.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM credentials"));
    }
}
