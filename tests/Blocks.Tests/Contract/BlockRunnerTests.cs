using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Contract;

public sealed class BlockRunnerTests
{
    private static readonly JsonElement Input = JsonValues.Parse("""{"text": "x", "other": null}""");

    [Fact]
    public async Task A_block_sees_no_nulls()
    {
        var seen = "";
        var block = new FakeBlock((input, _) =>
        {
            seen = JsonValues.Compact(input);
            return Yield();
        });

        await new TestRun().RunAsync(block, Input);

        Assert.Equal("""{"text":"x"}""", seen);
    }

    [Theory]
    [InlineData("{}", "'text' is required")]
    [InlineData("{\"text\": null}", "'text' is required")]
    [InlineData("{\"text\": 5}", "'text' must be of type string, not integer")]
    [InlineData("[]", "The input must be an object")]
    public async Task Input_that_does_not_fit_is_refused_before_the_block_runs(string input, string reason)
    {
        var block = new FakeBlock((_, _) => throw new InvalidOperationException("must not run"));

        var (_, failure) = await new TestRun().RunAsync(block, JsonValues.Parse(input));

        Assert.Equal((BlockFailureKind.Input, reason), (failure!.Kind, failure.Reason));
        Assert.Equal($"raised by FakeBlock with message: {reason}. block_id: id-1", failure.Message);
    }

    [Theory]
    [InlineData(512, null)]
    [InlineData(513, "'extra' nests deeper than 512 levels of lists and objects, which is the limit")]
    public async Task Input_that_nests_too_deep_is_refused_by_the_name_of_its_pin(int levels, string? reason)
    {
        var input = JsonValues.Object(KeyValuePair.Create("text", JsonValues.From("x")), KeyValuePair.Create("extra", Nested(levels)));

        var (_, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield()), input);

        Assert.Equal((reason is null ? null : (BlockFailureKind?)BlockFailureKind.Input, reason), (failure?.Kind, failure?.Reason));
    }

    [Theory]
    [InlineData(512, null)]
    [InlineData(513, "'output' nests deeper than 512 levels of lists and objects, which is the limit")]
    public async Task An_output_that_nests_too_deep_is_refused_by_the_name_of_its_pin(int levels, string? reason)
    {
        var (outputs, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(null, ("output", "\"a\""), ("output", JsonValues.Compact(Nested(levels)))), BlockKind.Input), Input);

        Assert.Equal(reason is null ? 2 : 1, outputs.Count);
        Assert.Equal((reason is null ? null : (BlockFailureKind?)BlockFailureKind.Output, reason), (failure?.Kind, failure?.Reason));
    }

    [Fact]
    public async Task Outputs_before_a_failure_stay_valid()
    {
        var (outputs, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(new BlockException("no more"), ("output", "\"a\""))), Input);

        Assert.Equal("a", Assert.Single(outputs).Value.GetString());
        Assert.Equal((BlockFailureKind.Execution, "no more"), (failure!.Kind, failure.Reason));
    }

    [Fact]
    public async Task An_exception_that_the_block_did_not_foresee_is_of_kind_unknown()
    {
        var (_, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(new InvalidOperationException("boom"))), Input);

        Assert.Equal((BlockFailureKind.Unknown, "boom"), (failure!.Kind, failure.Reason));
        Assert.IsType<InvalidOperationException>(failure.InnerException);
    }

    [Fact]
    public async Task An_exception_before_the_first_output_counts_alike()
    {
        var (_, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => throw new BlockException("at once")), Input);

        Assert.Equal((BlockFailureKind.Execution, "at once"), (failure!.Kind, failure.Reason));
    }

    [Fact]
    public async Task Emitting_error_fails_the_block()
    {
        var (outputs, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(null, ("error", "\"bad\""), ("output", "\"never\""))), Input);

        Assert.Empty(outputs);
        Assert.Equal((BlockFailureKind.Execution, "bad"), (failure!.Kind, failure.Reason));
    }

    [Theory]
    [InlineData("output", "5", "'output' must be of type string, not integer")]
    [InlineData("output", "null", "'output' must be of type string, not null")]
    [InlineData("elsewhere", "5", "'elsewhere' is not a pin of this block")]
    public async Task An_output_that_does_not_fit_fails_a_standard_block_only(string pin, string value, string reason)
    {
        var (_, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(null, (pin, value))), Input);
        Assert.Equal((BlockFailureKind.Output, reason), (failure!.Kind, failure.Reason));

        var (outputs, none) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(null, (pin, value)), BlockKind.Input), Input);
        Assert.Null(none);
        Assert.Single(outputs);
    }

    [Fact]
    public async Task A_number_that_JSON_lacks_stands_as_null()
    {
        var (outputs, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(null, ("count", "null"))), Input);

        Assert.Null(failure);
        Assert.Single(outputs);
    }

    [Fact]
    public async Task Cancellation_passes_through()
    {
        using var stop = new CancellationTokenSource();
        var block = new FakeBlock((_, _) => Stopping(stop));

        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var output in BlockRunner.RunAsync(block, Input, new TestRun().Context, stop.Token)) Assert.Fail(output.Pin);
        });
    }

    [Fact]
    public async Task A_block_that_cancels_itself_has_failed()
    {
        var (_, failure) = await new TestRun().RunAsync(new FakeBlock((_, _) => Yield(new OperationCanceledException("timed out"))), Input);

        Assert.Equal((BlockFailureKind.Unknown, "timed out"), (failure!.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_sensitive_action_waits_for_its_review()
    {
        var run = RunWith("""{"status": "WAITING"}""");

        var (outputs, failure) = await run.RunAsync(Sensitive(), Input);

        Assert.Empty(outputs);
        Assert.Null(failure);
        Assert.True(run.Context.InReview);
    }

    [Theory]
    [InlineData("""{"status": "APPROVED", "data": {"text": "edited"}}""", "edited")]
    [InlineData("""{"status": "APPROVED"}""", "x")]
    public async Task An_approved_action_goes_on_with_the_reviewed_input(string review, string expected)
    {
        var run = RunWith(review);

        var (outputs, _) = await run.RunAsync(Sensitive(), Input);

        Assert.Equal(expected, Assert.Single(outputs).Value.GetString());
        Assert.False(run.Context.InReview);
    }

    [Theory]
    [InlineData("""{"status": "REJECTED", "message": "no thanks"}""", BlockFailureKind.Execution, "Block execution rejected by reviewer: no thanks")]
    [InlineData("""{"status": "REJECTED"}""", BlockFailureKind.Execution, "Block execution rejected by reviewer: no reason given")]
    [InlineData("""{"status": "APPROVED", "data": []}""", BlockFailureKind.Execution, "The reviewed input must be an object")]
    [InlineData("""{"status": "APPROVED", "data": {"text": 5}}""", BlockFailureKind.Input, "'text' must be of type string, not integer")]
    public async Task A_rejected_or_spoilt_action_fails(string review, BlockFailureKind kind, string reason)
    {
        var (outputs, failure) = await RunWith(review).RunAsync(Sensitive(), Input);

        Assert.Empty(outputs);
        Assert.Equal((kind, reason), (failure!.Kind, failure.Reason));
    }

    [Fact]
    public async Task Without_reviews_a_sensitive_action_just_runs()
    {
        var (outputs, _) = await new TestRun().RunAsync(Sensitive(), Input);

        Assert.Single(outputs);
    }

    private static JsonElement Nested(int levels) => JsonValues.Parse(new string('[', levels) + new string(']', levels));

    private static async IAsyncEnumerable<BlockOutput> Stopping(CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        stop.Token.ThrowIfCancellationRequested();
        yield break;
    }

    private static FakeBlock Sensitive() => new((input, _) => Yield(null, ("output", input.GetProperty("text").GetRawText())), sensitive: true);

    private static TestRun RunWith(string review) => new(JsonValues.Parse($$"""{"sensitive_safe_mode": true, "review": {{review}}}"""));

    private static async IAsyncEnumerable<BlockOutput> Yield(Exception? end = null, params (string Pin, string Json)[] outputs)
    {
        await Task.CompletedTask;
        foreach (var (pin, json) in outputs) yield return new BlockOutput(pin, JsonValues.Parse(json));
        if (end is not null) throw end;
    }
}
