using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

public class RefusedCommitTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Theory]
    [InlineData("{not json")]
    [InlineData("\"a\u0000b\"")]
    public async Task A_bad_value_is_rejected_alone(string bad)
    {
        await using var harness = new LogHarness(fixture);
        var runs = new List<TestRun>();
        for (var i = 0; i < 33; i++)
            runs.Add(await harness.RunAsync());

        var results = await Task.WhenAll(runs.Select((run, i) => run.AppendAsync(run.Commit(run.Event(i == 20 ? bad : "{}")))));

        for (var i = 0; i < runs.Count; i++)
        {
            Assert.Equal(i == 20 ? CommitOutcome.Rejected : CommitOutcome.Committed, results[i].Outcome);
            Assert.Equal(i == 20 ? 0 : 1, (await harness.EventsAsync(runs[i].Id)).Count);
        }

        Assert.NotNull(results[20].Error);
        Assert.Null(results[0].Error);
    }

    [Fact]
    public async Task Text_that_has_no_utf8_form_is_rejected_alone()
    {
        await using var harness = new LogHarness(fixture);
        var good = await harness.RunAsync();
        var bad = await harness.RunAsync();

        var results = await Task.WhenAll(
            good.AppendAsync(),
            bad.AppendAsync(bad.Commit() with { Nodes = [bad.Node() with { Error = "half a pair: \ud800" }] }),
            good.AppendAsync());

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Rejected, CommitOutcome.Committed], results.Select(result => result.Outcome));
    }

    [Fact]
    public async Task A_node_row_that_takes_the_place_of_another_is_rejected()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.AppendAsync(run.Commit() with { Nodes = [run.Node() with { Ordinal = 1 }] });

        var result = await run.AppendAsync(run.Commit() with { Nodes = [run.Node() with { Ordinal = 1 }] });

        Assert.Equal(CommitOutcome.Rejected, result.Outcome);
        Assert.Single(await harness.EventsAsync(run.Id));
    }

    [Fact]
    public async Task What_follows_a_rejected_commit_of_its_run_is_stale_and_what_precedes_it_is_kept()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();

        var results = await Task.WhenAll(run.AppendAsync(), run.AppendAsync(run.Commit(run.Event("{"))), run.AppendAsync());

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Rejected, CommitOutcome.Stale], results.Select(result => result.Outcome));
        Assert.Single(await harness.EventsAsync(run.Id));
    }

    [Fact]
    public async Task A_commit_above_the_limit_is_rejected_without_asking_the_database()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.MaxCommitBytes = 10);
        var run = await harness.RunAsync();

        var result = await run.AppendAsync(run.Commit(run.Event("\"1234\""), run.Event("\"567\"")));

        Assert.Equal((CommitOutcome.Rejected, "The commit has 11 bytes, more than 10."), (result.Outcome, result.Error));
        await run.OpenAsync();
        Assert.Equal(CommitOutcome.Committed, (await run.AppendAsync(run.Commit(run.Event("\"1234\""), run.Event("1234")))).Outcome);
    }

    [Fact]
    public async Task Dispatches_of_a_rejected_commit_are_not_counted()
    {
        await using var harness = new LogHarness(fixture);
        var user = fixture.NextUser();
        var good = await harness.RunAsync(user);
        var bad = await harness.RunAsync(user);

        await Task.WhenAll(
            good.AppendAsync(good.Dispatch(3)),
            bad.AppendAsync(bad.Dispatch(5) with { Events = [bad.Event("{")] }));

        Assert.Equal(3, await fixture.Source.ScalarAsync("SELECT sum(count)::bigint FROM dispatch_counts WHERE user_id = $1", user));
    }
}
