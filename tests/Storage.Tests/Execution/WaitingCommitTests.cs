using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>Commits that nobody waits for are held back until their run sends one that somebody waits for (ADR 0014).</summary>
public sealed class WaitingCommitTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task They_are_written_together_with_the_first_that_does_not_wait()
    {
        ScriptedTransport? transport = null;
        await using var harness = new LogHarness(fixture, inner => transport = new ScriptedTransport(inner), options => options.MaxHold = Long);
        var (run, other) = (await harness.RunAsync(), await harness.RunAsync());

        var held = new[] { run.Send(Waiting(run)), run.Send(Waiting(run)), run.Send(Waiting(run)) };
        // Another run is written meanwhile, and by itself.
        await other.AppendAsync(other.Commit());
        Assert.Equal([other.Id], transport!.Batches.SelectMany(batch => batch.Commits).Select(commit => commit.RunId));
        var last = run.Send(run.Commit());
        var results = await Task.WhenAll(held.Append(last).Select(append => append.Committed));

        Assert.All(results, result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        Assert.Equal(2, transport.Batches.Count);
        Assert.Equal(4, (await harness.EventsAsync(run.Id)).Count);
    }

    [Fact]
    public async Task They_are_written_after_a_while_when_nothing_follows()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.MaxHold = TimeSpan.FromMilliseconds(1));
        var run = await harness.RunAsync();

        var result = await run.Send(Waiting(run)).Committed.WaitAsync(Long);

        Assert.Equal(CommitOutcome.Committed, result.Outcome);
    }

    [Fact]
    public async Task They_are_written_when_the_log_is_disposed()
    {
        var harness = new LogHarness(fixture, configure: options => options.MaxHold = Long);
        var run = await harness.RunAsync();
        var held = run.Send(Waiting(run));

        await harness.DisposeAsync();

        Assert.Equal(CommitOutcome.Committed, (await held.Committed).Outcome);
    }

    [Fact]
    public async Task One_whose_dispatches_must_wait_for_it_is_not_held_back()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.MaxHold = Long);
        var run = await harness.RunAsync();

        // The number of the user is not known yet, so that a dispatch in it may owe the fee and starts only when it is durable.
        var append = run.Send(run.Dispatch(1) with { RunsAhead = true, MayWait = true });

        Assert.False(append.IsFree);
        Assert.Equal(CommitOutcome.Committed, (await append.Committed.WaitAsync(TimeSpan.FromSeconds(60))).Outcome);
    }

    private static RunCommit Waiting(TestRun run) => run.Commit() with { MayWait = true };
}
