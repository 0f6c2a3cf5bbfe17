using System.Text;
using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

public sealed class ScenarioTests
{
    [Theory]
    [InlineData("greeting")]
    [InlineData("invitations")]
    [InlineData("web-brief")]
    [InlineData("shopping")]
    public async Task Every_case_of_an_example_holds(string example)
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Repository.Example(example + ".json"), "--scenario", Repository.Example(example + ".scenario.json"));
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("2 of 2 cases hold.", result.Output, StringComparison.Ordinal);
        Assert.Equal(ExpectedWarnings.Of(example + ".json"), ExpectedWarnings.In(result));
    }

    [Fact]
    public async Task A_case_that_does_not_agree_shows_both_sides_and_fails()
    {
        await using var place = await Workplace.CreateAsync();
        var scenario = place.File("s.json", """[{"agent_file": "greeting.json", "scenario": "wrong", "inputs": {"name": "Ada"}, "clock": "2026-03-01T00:00:00Z", "expected_outputs": {"greeting": ["Bye"]}, "expected_node_errors": ["x"], "expected_node_executions": 9, "expected_llm_calls": 7, "block_cost_with_system_credentials": 5}]""");
        var result = await place.RunAsync(Repository.Example("greeting.json"), "--scenario", scenario);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("""output 'greeting': ["Hello, Ada! Today is 01 March 2026."]""", result.Output, StringComparison.Ordinal);
        Assert.Contains("""EXPECTED: ["Bye"]""", result.Output, StringComparison.Ordinal);
        Assert.Contains("EXPECTED: x", result.Output, StringComparison.Ordinal);
        Assert.Contains("EXPECTED: 7", result.Output, StringComparison.Ordinal);
        Assert.Contains("EXPECTED: 9", result.Output, StringComparison.Ordinal);
        Assert.Contains("EXPECTED: 5", result.Output, StringComparison.Ordinal);
        Assert.Contains("0 of 1 cases hold.", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "has no case for greeting.json", 2)]
    [InlineData("""[{"agent_file": "other.json"}]""", "has no case for greeting.json", 2)]
    [InlineData("""{"agent_file": "greeting.json"}""", "must be a JSON list of cases", 1)]
    [InlineData("""[{"agent_file": "greeting.json", "inputs": []}]""", "[0].inputs must be an object", 1)]
    [InlineData("""[{"agent_file": "greeting.json", "llm_rules": [{"contains": ["x"]}]}]""", "[0].llm_rules[0].reply must be a text or an object", 1)]
    [InlineData("""[{"agent_file": "greeting.json", "expected_output": {}}]""", "[0] has a member 'expected_output', which is not known. Did you mean 'expected_outputs'?", 1)]
    [InlineData("""[{"agent_file": "greeting.json", "inputs": {"nmae": "Ada"}}]""", "[0].inputs names 'nmae', and greeting.json has no such input. Did you mean 'name'?", 1)]
    [InlineData("", "is empty", 1)]
    [InlineData("[{", "is not valid JSON at line 1", 1)]
    public async Task A_scenario_that_cannot_be_used_is_refused_with_its_place(string scenario, string message, int exitCode)
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Repository.Example("greeting.json"), "--scenario", place.File("s.json", scenario));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task A_scenario_and_an_agent_with_a_byte_order_mark_are_read(string encoding)
    {
        await using var place = await Workplace.CreateAsync();
        var agent = Path.Combine(place.Folder, "greeting.json");
        var scenario = Path.Combine(place.Folder, "s.json");
        await File.WriteAllTextAsync(agent, await File.ReadAllTextAsync(Repository.Example("greeting.json")), Encoding.GetEncoding(encoding));
        await File.WriteAllTextAsync(scenario, await File.ReadAllTextAsync(Repository.Example("greeting.scenario.json")), Encoding.GetEncoding(encoding));
        var result = await place.RunAsync(agent, "--scenario", scenario);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }

    [Fact]
    public async Task A_case_that_is_not_there_is_answered_with_those_that_are()
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Repository.Example("greeting.json"), "--scenario", Repository.Example("greeting.scenario.json"), "--case", "in Greek");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'in English', 'in Latin'", result.Errors, StringComparison.Ordinal);
    }
}
