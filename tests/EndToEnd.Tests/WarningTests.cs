using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

public sealed class WarningTests
{
    [Fact]
    public async Task Losses_are_printed_before_the_status_and_named_by_the_ids_of_the_file()
    {
        await using var place = await Workplace.CreateAsync();
        var agent = place.File("agent.json", new AgentBuilder("Losing")
            .Node("text", AgentBuilder.TextInput, new JsonObject { ["name"] = "text" })
            .Node("ask", AgentBuilder.WebRequest, new JsonObject { ["url"] = "http://127.0.0.1:1/" })
            .Node("fill", AgentBuilder.Template, new JsonObject { ["format"] = "{{a}}{{b}}" })
            .Node("keep \"it\"", AgentBuilder.StoreValue)
            .Link("text", "result", "fill", "values_#_a").Link("ask", "response", "fill", "values_#_b")
            .Link("text", "result", "keep \"it\"", "input").Link("ask", "response", "keep \"it\"", "data").Json());

        var result = await place.RunAsync(agent, "--input", "text=x");

        Assert.Equal((0, "COMPLETED"), (result.ExitCode, result.Status));
        Assert.Contains("warning: Node fill (Fill Text Template) never ran: nothing arrived on 'values_#_b', and 1 execution waited for it.", result.Errors, StringComparison.Ordinal);
        Assert.Contains("warning: Node keep \"it\" (Store Value) never ran", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Losing: COMPLETED with 2 warnings", result.Errors, StringComparison.Ordinal);
        var warnings = result.Json.GetProperty("stats").GetProperty("warnings").EnumerateArray().ToList();
        Assert.Equal(["fill", "keep \"it\""], warnings.Select(warning => warning.GetProperty("node_id").GetString()));
        Assert.Equal("""["values_#_b"]""", warnings[0].GetProperty("missing_pins").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_without_losses_says_nothing_of_warnings()
    {
        await using var place = await Workplace.CreateAsync();

        var result = await place.RunAsync(Repository.Example("greeting.json"), "--input", "name=Ada");

        Assert.Equal(0, result.Json.GetProperty("stats").GetProperty("warnings").GetArrayLength());
        Assert.DoesNotContain("warning", result.Errors, StringComparison.Ordinal);
    }
}
