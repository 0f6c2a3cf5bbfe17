using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

public sealed class LogFollowingTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task A_follower_gets_what_is_committed_from_then_on_once_and_as_the_log_has_it()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.AppendAsync();
        using var tail = harness.Tails.Follow(run.Id);
        Assert.Empty(tail.TakeAfter(1));

        await run.AppendAsync(run.Commit(run.Event("{\"a\":1}"), run.Event("{\"a\":2}", new NodeOutputRow(harness.NextId(), 0, "out", Text.Json("[1]")))));
        var taken = tail.TakeAfter(1);
        var logged = await harness.EventsAsync(run.Id, after: 1);
        Assert.Equal(logged.Select(Told), taken.Select(Told));
        Assert.Empty(tail.TakeAfter(3));

        static (long, string, string, string?) Told(LoggedEvent logged) => (logged.Sequence, logged.Kind, Text.Of(logged.Body), logged.Output is { } output ? $"{output.Pin} {Text.Of(output.Value)}" : null);
    }

    [Fact]
    public async Task Nothing_is_known_of_what_was_committed_before()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.AppendAsync();
        using var tail = harness.Tails.Follow(run.Id);
        await run.AppendAsync();
        Assert.Empty(tail.TakeAfter(0));
        Assert.Equal([2], tail.TakeAfter(1).Select(logged => logged.Sequence));
    }

    [Fact]
    public async Task What_the_follower_has_already_is_not_given_again()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        using var tail = harness.Tails.Follow(run.Id);
        for (var i = 0; i < 4; i++) await run.AppendAsync();
        Assert.Equal([3, 4], tail.TakeAfter(2).Select(logged => logged.Sequence));
    }

    [Fact]
    public async Task A_follower_that_is_slow_must_ask_the_log()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        using var tail = harness.Tails.Follow(run.Id);
        await run.AppendAsync(run.Commit([.. Enumerable.Range(0, 1001).Select(_ => run.Event("{}"))]));
        Assert.Empty(tail.TakeAfter(0));
        Assert.Equal(1000, tail.TakeAfter(1).Count);
    }

    [Fact]
    public async Task What_was_not_committed_is_not_told()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        using var tail = harness.Tails.Follow(run.Id);
        await run.SeenBy(harness).OpenAsync();
        Assert.Equal(CommitOutcome.Stale, (await run.AppendAsync()).Outcome);
        Assert.Empty(tail.TakeAfter(0));
    }

    [Fact]
    public async Task Several_may_follow_and_leave_each_for_himself()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var gone = harness.Tails.Follow(run.Id);
        using var tail = harness.Tails.Follow(run.Id);
        gone.Dispose();
        gone.Dispose();
        await run.AppendAsync();
        Assert.Empty(gone.TakeAfter(0));
        Assert.Single(tail.TakeAfter(0));
    }

    [Fact]
    public async Task What_another_process_wrote_in_between_is_not_skipped()
    {
        await using var here = new LogHarness(fixture);
        await using var there = new LogHarness(fixture);
        var run = await here.RunAsync();
        var seen = run.SeenBy(there);
        using var tail = here.Tails.Follow(run.Id);
        await run.AppendAsync();
        await seen.OpenAsync();
        await seen.AppendAsync();
        await run.OpenAsync();
        await run.AppendAsync();

        Assert.Empty(tail.TakeAfter(0));
        Assert.Equal([3], tail.TakeAfter(2).Select(logged => logged.Sequence));
    }
}
