using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Ai;

/// <summary>What the vectors of the contract do not say about the decision maker.</summary>
public sealed class SmartDecisionMakerTests
{
    private const string Nodes = """
        "tool_nodes": [{"node_id": "n-find", "block": "FindInDictionaryBlock", "links": ["key", "input"]}, {"node_id": "n-sum", "block": "CalculatorBlock", "metadata": {"customized_name": "Sum up"}, "links": ["a", "b", "operation"]}],
        "tool_outputs": {"n-find": {"output": [1]}, "n-sum": {"result": [3]}}
        """;

    private const string TwoRounds = """
        "llm": [
          {"tool_calls": [{"id": "c1", "name": "findindictionaryblock", "arguments": {"key": "a", "input": {}}}, {"id": "c2", "name": "sum_up", "arguments": {"operation": "Add", "a": 1, "b": "2"}}]},
          {"tool_calls": [{"id": "c3", "name": "sum_up", "arguments": {"operation": "Add", "a": 1, "b": 2}}]},
          {"response": "3"}]
        """;

    [Fact]
    public async Task An_attempt_after_a_crash_goes_on_after_the_last_step_and_counts_as_the_first()
    {
        var steps = new MemorySteps();
        await using var whole = Run(TwoRounds, steps: null);
        var expected = await OutputsAsync(whole);

        await using var first = Run(TwoRounds, steps);
        first.Tools.Before = _ => first.Tools.Runs.Count == 2 ? throw new InvalidOperationException("the process is gone") : null;
        await OutputsAsync(first);
        Assert.Equal(["1 model", "2 tool"], steps.Done);

        // The script of the model goes on where it was.
        await using var second = Run("""
            "llm": [{"tool_calls": [{"id": "c3", "name": "sum_up", "arguments": {"operation": "Add", "a": 1, "b": 2}}]}, {"response": "3"}]
            """, steps);
        var outputs = await OutputsAsync(second);

        Assert.Equal(["1 model", "2 tool", "3 tool", "4 model", "5 tool", "6 model"], steps.Done);
        Assert.Equal(["n-sum", "n-sum"], second.Tools.Runs.Select(run => run.NodeId));
        Assert.Equal(expected, outputs);
        var (one, two) = (whole.Context.Usage, second.Context.Usage);
        Assert.Equal((3, 30L, 15L, 6L, 3), (two.LlmCalls, two.InputTokens, two.OutputTokens, two.ExtraCost, two.ExtraSteps));
        // The context is that of the last call alone.
        Assert.Equal((15L, one.ContextMax), (two.ContextUsed, two.ContextMax));
        Assert.Equal((one.LlmCalls, one.InputTokens, one.ExtraCost, one.ExtraSteps), (two.LlmCalls, two.InputTokens, two.ExtraCost, two.ExtraSteps));
    }

    [Fact]
    public async Task A_tool_that_a_person_has_to_approve_pauses_the_node_and_is_run_after_the_decision()
    {
        var steps = new MemorySteps();
        await using var first = Run(TwoRounds, steps);
        first.Tools.Before = tool => tool.NodeId == "n-sum" ? new ToolResult { Waits = true } : null;
        await OutputsAsync(first);
        Assert.True(first.Context.InReview);
        Assert.Equal(["1 model", "2 tool"], steps.Done);

        await using var second = Run("""
            "llm": [{"response": "done"}]
            """, steps);
        var outputs = await OutputsAsync(second);

        Assert.False(second.Context.InReview);
        Assert.Equal("n-sum", Assert.Single(second.Tools.Runs).NodeId);
        Assert.Contains("finished=\"done\"", outputs);
    }

    [Fact]
    public async Task A_tool_that_fails_is_told_to_the_model()
    {
        await using var run = Run("""
            "llm": [{"tool_calls": [{"id": "c1", "name": "sum_up", "arguments": {"operation": "Add", "a": 1, "b": 2}}]}, {"response": "sorry"}]
            """, steps: null);
        run.Tools.Before = _ => new ToolResult { Error = "no such thing" };

        Assert.Contains("finished=\"sorry\"", await OutputsAsync(run));
        Assert.Equal("Tool execution failed: no such thing", run.Models.Requests[1].Messages[^1].Content);
    }

    [Theory]
    [InlineData(2, 2, "Agent mode completed after 2 iterations (limit reached)")]
    [InlineData(-1, 100, "Agent mode completed after 100 iterations (limit reached)")]
    public async Task The_rounds_are_bounded(int most, int calls, string finished)
    {
        var call = """{"tool_calls": [{"id": "c", "name": "sum_up", "arguments": {"operation": "Add", "a": 1, "b": 2}}]}""";
        await using var run = Run($"\"llm\": [{string.Join(',', Enumerable.Repeat(call, calls))}]", steps: null);

        Assert.Contains($"finished=\"{finished}\"", await OutputsAsync(run, most));
        Assert.Equal(calls, run.Models.Requests.Count);
    }

    [Theory]
    [InlineData("""{"operation": "Multiply by", "a": 1, "b": 2}""", "operation")]
    [InlineData("""{"operation": "Add", "a": 1}""", "needs the argument b")]
    [InlineData("""[1]""", "not a JSON object")]
    public async Task A_call_that_does_not_fit_the_schema_of_its_block_is_not_made(string arguments, string named)
    {
        await using var run = Run($$"""
            "llm": [{"tool_calls": [{"id": "c1", "name": "sum_up", "arguments": {{arguments}}}]}, {"response": "fine"}]
            """, steps: null);

        Assert.Contains("finished=\"fine\"", await OutputsAsync(run));
        Assert.Empty(run.Tools.Runs);
        Assert.Contains(named, run.Models.Requests[1].Messages[^1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_of_calls_of_Anthropic_are_parts_of_one_message_of_the_user()
    {
        await using var run = Run("""
            "llm": [{"tool_calls": [{"id": "toolu_1", "name": "findindictionaryblock", "arguments": {"key": "a", "input": {}}}, {"id": "toolu_2", "name": "sum_up", "arguments": {"operation": "Add", "a": 1, "b": 2}}]}, {"response": "ok"}]
            """, steps: null);

        await OutputsAsync(run);

        var message = run.Models.Requests[1].Messages[^1].ToJson();
        Assert.Equal(
            """{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":"{\"output\":[1]}"},{"tool_use_id":"toolu_2","type":"tool_result","content":"{\"result\":[3]}"}]}""",
            JsonValues.Compact(message));
    }

    [Fact]
    public async Task Two_tools_of_one_name_are_told_apart_and_the_mode_of_newer_exports_is_taken()
    {
        await using var run = new TestRun(JsonValues.Parse("""
            {"llm": [{"tool_calls": [{"id": "c1", "name": "countdowntimerblock_2", "arguments": {}}]}],
             "tool_nodes": [{"node_id": "n-1", "block": "CountdownTimerBlock", "links": ["seconds"]}, {"node_id": "n-2", "block": "CountdownTimerBlock", "links": ["seconds"]}]}
            """));

        var outputs = await BlockResults.RunAsync("SmartDecisionMakerBlock", Input(0, ""","execution_mode": "extended_thinking" """), run);

        Assert.Contains("tools_^_n-2_~_seconds=null", outputs);
    }

    private static TestRun Run(string llm, IStepJournal? steps) => new(JsonValues.Parse($"{{{llm}, {Nodes}}}"), steps: steps);

    private static Task<List<string>> OutputsAsync(TestRun run, int most = 5) => BlockResults.RunAsync("SmartDecisionMakerBlock", Input(most, ""), run);

    private static JsonElement Input(int most, string more) =>
        JsonValues.Parse($$"""{"credentials": {"id": "cred-1", "provider": "openai", "type": "api_key"}, "prompt": "Do it", "agent_mode_max_iterations": {{most}}{{more}}}""");
}
