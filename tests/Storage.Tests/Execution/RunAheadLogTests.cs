using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>Commits whose dispatches are acted upon before they are durable, and so must not owe the fee (ADR 0014).</summary>
public class RunAheadLogTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task It_waits_until_the_number_of_the_user_is_known_and_never_reaches_the_next_fee()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();

        var answers = new List<(bool IsFree, int Fees)>();
        foreach (var size in new[] { 1, 50, 48, 1, 1, 99, 98, 1, 1 })
        {
            var append = run.Send(Ahead(run, size));
            var result = await append.Committed;
            Assert.Equal(CommitOutcome.Committed, result.Outcome);
            answers.Add((append.IsFree, result.Fees.Count));
        }

        // Numbers 1 | 2 to 51 | 52 to 99 | 100 | 101 | 102 to 200 | 201 to 298 | 299 | 300.
        Assert.Equal([(false, 0), (true, 0), (true, 0), (false, 1), (true, 0), (false, 1), (true, 0), (true, 0), (false, 1)], answers);
    }

    [Fact]
    public async Task What_is_under_way_counts_as_well()
    {
        await using var harness = new LogHarness(fixture);
        var user = fixture.NextUser();
        var (one, two) = (await harness.RunAsync(user), await harness.RunAsync(user));
        await one.AppendAsync(one.Dispatch(1));

        // As long as nothing is answered, the second may have to go after the first.
        var appends = new[] { one.Send(Ahead(one, 60)), two.Send(Ahead(two, 60)) };
        var results = await Task.WhenAll(appends.Select(append => append.Committed));

        Assert.Equal([true, false], appends.Select(append => append.IsFree));
        Assert.Equal([0, 1], results.Select(result => result.Fees.Count));
    }

    [Fact]
    public async Task It_is_refused_when_another_process_has_counted_further_than_was_known_here()
    {
        await using var here = new LogHarness(fixture);
        await using var there = new LogHarness(fixture);
        var user = fixture.NextUser();
        var (run, other, careful) = (await here.RunAsync(user), await there.RunAsync(user), await here.RunAsync(user));
        await run.AppendAsync(run.Dispatch(1));
        await other.AppendAsync(other.Dispatch(90));

        var ahead = run.Send(Ahead(run, 20));
        var lost = await ahead.Committed;
        var head = await run.OpenAsync();

        Assert.Equal((true, CommitOutcome.Stale), (ahead.IsFree, lost.Outcome));
        Assert.Equal(1, head!.LastSequence);
        Assert.Single(await here.Runs.NodeExecutionsAsync(run.Id, 100, LogHarness.Token));

        // What was known is forgotten with it: the next one waits, pays, and learns the number anew.
        var next = careful.Send(Ahead(careful, 20));
        Assert.Equal((false, 1), (next.IsFree, (await next.Committed).Fees.Count));
        Assert.True(run.Send(Ahead(run, 20)).IsFree);
    }

    [Fact]
    public async Task It_takes_no_other_run_with_it_when_it_is_refused()
    {
        await using var here = new LogHarness(fixture);
        await using var there = new LogHarness(fixture);
        var user = fixture.NextUser();
        var (ahead, waiting, other, stranger) = (await here.RunAsync(user), await here.RunAsync(user), await there.RunAsync(user), await here.RunAsync());
        await ahead.AppendAsync(ahead.Dispatch(1));
        await other.AppendAsync(other.Dispatch(98));

        var results = await Task.WhenAll(
            ahead.AppendAsync(Ahead(ahead, 5)), waiting.AppendAsync(waiting.Dispatch(5)), stranger.AppendAsync(stranger.Dispatch(5)));

        Assert.Equal([CommitOutcome.Stale, CommitOutcome.Committed, CommitOutcome.Committed], results.Select(result => result.Outcome));
        Assert.Equal([0, 1, 0], results.Select(result => result.Fees.Count));
    }

    [Fact]
    public async Task It_does_not_reach_a_fee_when_a_new_window_begins()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 10);
        var run = await harness.RunAsync();
        await run.AppendAsync(run.Dispatch(13));
        harness.Clock.Advance(TimeSpan.FromHours(24));

        // Known as 13, so these are promised numbers up to 19; they become 1 to 6.
        var append = run.Send(Ahead(run, 6));

        Assert.True(append.IsFree);
        Assert.Equal((CommitOutcome.Committed, 0), ((await append.Committed).Outcome, (await append.Committed).Fees.Count));
        Assert.False(run.Send(Ahead(run, 4)).IsFree);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(24)]
    public async Task It_is_refused_when_another_process_has_begun_a_new_window_in_which_it_would_reach_a_fee(int hoursLater)
    {
        await using var here = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 10);
        await using var there = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 10);
        var user = fixture.NextUser();
        var (run, other) = (await here.RunAsync(user), await there.RunAsync(user));
        await run.AppendAsync(run.Dispatch(13));
        there.Clock.Advance(TimeSpan.FromHours(24));
        await other.AppendAsync(other.Dispatch(8));
        here.Clock.Advance(TimeSpan.FromHours(hoursLater));

        // Known as 13, so these are promised numbers up to 19; they would become 9 to 14, and 10 owes the fee.
        var append = run.Send(Ahead(run, 6));

        Assert.True(append.IsFree);
        Assert.Equal(CommitOutcome.Stale, (await append.Committed).Outcome);
        Assert.Equal(13, await fixture.Source.ScalarAsync("SELECT count(*) FROM node_executions WHERE run_id = $1", run.Id));
    }

    [Fact]
    public async Task It_goes_on_in_a_new_window_of_another_process_in_which_it_reaches_no_fee()
    {
        await using var here = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 10);
        await using var there = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 10);
        var user = fixture.NextUser();
        var (run, other) = (await here.RunAsync(user), await there.RunAsync(user));
        await run.AppendAsync(run.Dispatch(13));
        there.Clock.Advance(TimeSpan.FromHours(24));
        await other.AppendAsync(other.Dispatch(3));

        var append = run.Send(Ahead(run, 6));

        Assert.True(append.IsFree);
        Assert.Equal((CommitOutcome.Committed, 0), ((await append.Committed).Outcome, (await append.Committed).Fees.Count));
        Assert.Equal(9, await fixture.Source.ScalarAsync("SELECT sum(count)::bigint FROM dispatch_counts WHERE user_id = $1", user));
    }

    [Fact]
    public async Task Nothing_is_known_any_more_when_an_answer_gets_lost()
    {
        FaultyTransport? transport = null;
        await using var harness = new LogHarness(fixture, inner => transport = new FaultyTransport(inner));
        var run = await harness.RunAsync();
        await run.AppendAsync(run.Dispatch(1));
        transport!.Plan(FaultyTransport.Fault.AfterWrite);
        var lost = run.AppendAsync(run.Dispatch(1));

        // The first pause, after which the writer reads the heads.
        await harness.Clock.WaitForTimerAsync(LogHarness.Token);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        await lost;
        var next = run.Send(Ahead(run, 1));

        Assert.Equal((CommitOutcome.Committed, false), ((await lost).Outcome, next.IsFree));
        Assert.Equal(CommitOutcome.Committed, (await next.Committed).Outcome);
        Assert.True(run.Send(Ahead(run, 1)).IsFree);
    }

    [Fact]
    public async Task Without_a_fee_everything_may()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.ExecutionCostPerThreshold = 0);
        var run = await harness.RunAsync();

        for (var i = 0; i < 3; i++)
        {
            var append = run.Send(Ahead(run, 150));
            Assert.Equal((true, CommitOutcome.Committed), (append.IsFree, (await append.Committed).Outcome));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Two_processes_never_let_a_fee_fall_on_what_ran_ahead_and_take_every_fee_once(int otherLane)
    {
        await using var one = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 10);
        await using var two = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 10, lane: otherLane);
        var user = fixture.NextUser();
        var runs = new[] { await one.RunAsync(user), await one.RunAsync(user), await two.RunAsync(user), await two.RunAsync(user) };

        var written = await Task.WhenAll(runs.Select(async (run, i) =>
        {
            var random = new Random(i);
            var (dispatches, fees, refused) = (0, 0, 0);
            while (dispatches < 200)
            {
                var size = random.Next(1, 5);
                var append = run.Send(Ahead(run, size));
                var result = await append.Committed;
                if (result.Outcome == CommitOutcome.Stale)
                {
                    refused++;
                    await run.OpenAsync();
                    continue;
                }

                Assert.Equal(CommitOutcome.Committed, result.Outcome);
                if (append.IsFree) Assert.Empty(result.Fees);
                dispatches += size;
                fees += result.Fees.Count;
            }

            return (Dispatches: dispatches, Fees: fees, Refused: refused);
        }));

        // Multiples that both have reached at the same time are owed by the next dispatches.
        var last = await runs[0].AppendAsync(runs[0].Dispatch(9));
        Assert.Equal((written.Sum(run => run.Dispatches) + 9) / 10, written.Sum(run => run.Fees) + last.Fees.Count);
    }

    private static RunCommit Ahead(TestRun run, int dispatches) => run.Dispatch(dispatches) with { RunsAhead = true };
}
