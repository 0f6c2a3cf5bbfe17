using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Ai;

public sealed class AITextGeneratorBlockTests
{
    [Fact]
    public async Task Calls_and_repeats_and_tokens_are_counted()
    {
        var run = new TestRun(JsonValues.Parse("""{"llm": [{"error": "boom"}, {"error": "bang"}, {"response": "ok"}]}"""));

        await run.RunAsync(new AITextGeneratorBlock(), Input("""{"prompt": "p"}"""));

        var usage = run.Context.Usage;
        Assert.Equal((3, 2, 10L, 5L), (usage.LlmCalls, usage.LlmRetries, usage.InputTokens, usage.OutputTokens));
        Assert.Equal((15L, 400_000), (usage.ContextUsed, usage.ContextMax));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(0, 1)]
    public async Task The_last_failure_is_that_of_the_node(int retry, int calls)
    {
        var run = new TestRun(JsonValues.Parse("""{"llm": [{"error": "failure 1"}, {"error": "failure 2"}, {"response": "never"}]}"""));

        var (outputs, failure) = await run.RunAsync(new AITextGeneratorBlock(), Input($$"""{"prompt": "p", "retry": {{retry}}}"""));

        Assert.Empty(outputs);
        Assert.Equal((BlockFailureKind.Execution, $"failure {calls}"), (failure!.Kind, failure.Reason));
        Assert.Equal(calls, run.Models.Requests.Count);
    }

    [Fact]
    public async Task The_limit_falls_with_each_call_that_ran_out_of_context()
    {
        var run = new TestRun(JsonValues.Parse("""{"llm": [{"error": "Maximum Context Length"}, {"error": "token limit"}, {"response": "ok"}]}"""));

        await run.RunAsync(new AITextGeneratorBlock(), Input("""{"prompt": "p", "max_tokens": 1000}"""));

        Assert.Equal([1000, 850, 722], run.Models.Requests.Select(r => r.MaxTokens));
    }

    [Fact]
    public async Task The_prompt_that_was_sent_is_an_output()
    {
        var run = new TestRun(JsonValues.Parse("""{"llm": [{"response": "ok"}]}"""));

        var (outputs, _) = await run.RunAsync(new AITextGeneratorBlock(), Input("""{"prompt": "Hi {{n}}", "sys_prompt": "S", "prompt_values": {"n": "<Bo>"}}"""));

        Assert.Equal("""[{"role":"system","content":"S"},{"role":"user","content":"Hi <Bo>"}]""", JsonValues.Compact(outputs[1].Value));
    }

    [Fact]
    public async Task A_template_that_divides_by_zero_fails_as_unknown()
    {
        var (_, failure) = await new TestRun().RunAsync(new AITextGeneratorBlock(), Input("""{"prompt": "{{ 1 / 0 }}", "prompt_values": {"a": "b"}}"""));

        Assert.Equal(BlockFailureKind.Unknown, failure!.Kind);
    }

    [Fact]
    public async Task A_prompt_beyond_half_the_window_is_cut_in_the_middle()
    {
        var run = new TestRun(JsonValues.Parse("""{"llm": [{"response": "ok"}]}"""));
        var prompt = "head" + new string('x', 600_000) + "tail";

        await run.RunAsync(new AITextGeneratorBlock(), Input($$"""{"prompt": "{{prompt}}", "model": "gpt-4o-mini"}"""));

        var sent = Assert.Single(run.Models.Requests).Messages[0].Content;
        Assert.StartsWith("headx", sent, StringComparison.Ordinal);
        Assert.EndsWith("xtail", sent, StringComparison.Ordinal);
        Assert.Contains("…", sent, StringComparison.Ordinal);
        Assert.InRange(TokenCount.Of(sent), 8_000, 8_192);
    }

    private static System.Text.Json.JsonElement Input(string pins) => JsonValues.Object(
        [.. JsonValues.Parse(pins).EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value)),
         KeyValuePair.Create("credentials", JsonValues.Parse("""{"id": "cred-1", "provider": "openai", "type": "api_key"}"""))]);
}
