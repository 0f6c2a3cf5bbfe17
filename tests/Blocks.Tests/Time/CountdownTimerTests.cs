using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;
using Microsoft.Extensions.Time.Testing;

namespace Grainflow.Blocks.Tests.Time;

public sealed class CountdownTimerTests
{
    private const string Block = "CountdownTimerBlock";

    [Fact]
    public async Task A_wait_longer_than_a_timer_can_take_is_waited_whole()
    {
        var run = new TestRun();

        Assert.Equal(["output_message=\"timer finished\""], await BlockResults.RunAsync(Block, """{"days": 100}""", run));

        Assert.Equal(TimeSpan.FromDays(100), run.Clock.Slept.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait));
    }

    [Fact]
    public async Task A_wait_that_no_run_can_take_is_refused() =>
        Assert.StartsWith("!Execution: A wait of", Assert.Single(await BlockResults.RunAsync(Block, """{"days": "99999999999999999999"}""")), StringComparison.Ordinal);

    [Fact]
    public async Task A_text_that_is_no_number_is_refused_by_the_name_of_its_pin() =>
        Assert.Equal(["!Execution: 'minutes' must be a whole number, not '1.5'"], await BlockResults.RunAsync(Block, """{"minutes": "1.5"}"""));

    [Fact]
    public async Task It_waits_by_the_clock_of_the_run_and_a_stop_ends_the_wait()
    {
        var clock = new FakeTimeProvider();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = new TestRun(clock: clock);
        await using var outputs = BlockRunner.RunAsync(BlockResults.Block(Block), JsonValues.Parse("""{"seconds": 10, "repeat": 2}"""), run.Context, stop.Token).GetAsyncEnumerator(stop.Token);

        var first = outputs.MoveNextAsync();
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(first.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await first);

        var second = outputs.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await second);
    }

    [Fact]
    public async Task A_repeated_attempt_waits_the_whole_time_again()
    {
        var run = new TestRun();
        await BlockResults.RunAsync(Block, """{"seconds": 30}""", run);
        await BlockResults.RunAsync(Block, """{"seconds": 30}""", run);
        Assert.Equal([TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)], run.Clock.Slept);
    }

    [Fact]
    public async Task A_timer_repeated_without_end_ends_when_it_is_stopped()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var count = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var output in BlockRunner.RunAsync(BlockResults.Block(Block), JsonValues.Parse("""{"repeat": 9223372036854775807}"""), new TestRun().Context, stop.Token))
                if (++count == 1000) await stop.CancelAsync();
        });
        Assert.Equal(1000, count);
    }
}
