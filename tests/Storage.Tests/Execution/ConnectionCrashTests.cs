using Grainflow.Storage.Execution;
using static Grainflow.Storage.Tests.Execution.FaultyTransport;

namespace Grainflow.Storage.Tests.Execution;

public sealed class ConnectionCrashTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Theory]
    [InlineData(nameof(Fault.BeforeWrite), 2)]
    [InlineData(nameof(Fault.AfterWrite), 1)]
    [InlineData(nameof(Fault.WrittenLate), 2)]
    [InlineData(nameof(Fault.Deadlock), 2)]
    public async Task A_commit_is_written_exactly_once(string fault, int writes)
    {
        var (harness, transport) = Start(options => options.ExecutionCostCountThreshold = 2);
        await using var _ = harness;
        var run = await harness.RunAsync();
        transport.Plan(Enum.Parse<Fault>(fault));

        var commit = run.Dispatch(5);
        var result = await Driven(harness, run.AppendAsync(commit));

        Assert.Equal(CommitOutcome.Committed, result.Outcome);
        Assert.Equal([commit.CountedDispatches[1], commit.CountedDispatches[3]], result.Fees);
        Assert.Single(await harness.EventsAsync(run.Id));
        Assert.Equal(5, await fixture.Source.ScalarAsync("SELECT sum(count)::bigint FROM dispatch_counts WHERE user_id = $1", run.User));
        Assert.Equal(writes, transport.Writes);
    }

    [Fact]
    public async Task Whatever_happens_in_whatever_order_every_commit_is_written_exactly_once()
    {
        var random = new Random(4711);
        var kinds = Enum.GetValues<Fault>();
        var (harness, transport) = Start(options => options.MaxBatchCommits = 7);
        await using var _ = harness;
        var runs = new List<TestRun>();
        for (var i = 0; i < 20; i++)
            runs.Add(await harness.RunAsync());
        transport.Plan([.. Enumerable.Range(0, 100).Select(_ => kinds[random.Next(kinds.Length)])]);

        await Task.WhenAll(runs.Select(async run =>
        {
            for (var i = 0; i < 10; i++)
            {
                var both = Task.WhenAll(run.AppendAsync(run.Commit(run.Event($"{2 * i}"))), run.AppendAsync(run.Commit(run.Event($"{(2 * i) + 1}"))));
                Assert.All(await Driven(harness, both), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
            }
        }));

        foreach (var run in runs)
        {
            var bodies = (await harness.EventsAsync(run.Id)).Select(logged => Text.Of(logged.Body));
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), bodies, StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task The_heads_are_read_again_until_they_can_be_read()
    {
        var (harness, transport) = Start();
        await using var _ = harness;
        var run = await harness.RunAsync();
        transport.Plan(Fault.AfterWrite);
        transport.FailingReads = 3;

        Assert.Equal(CommitOutcome.Committed, (await Driven(harness, run.AppendAsync())).Outcome);
        Assert.Equal(1, transport.Writes);
    }

    [Fact]
    public async Task A_commit_that_ended_its_run_is_known_as_committed()
    {
        var (harness, transport) = Start();
        await using var _ = harness;
        var run = await harness.RunAsync();
        transport.Plan(Fault.AfterWrite);

        var result = await Driven(harness, run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "COMPLETED" } }));

        Assert.Equal(CommitOutcome.Committed, result.Outcome);
    }

    [Fact]
    public async Task A_writer_that_was_fenced_meanwhile_is_stale_whether_its_commit_was_written_or_not()
    {
        var (harness, transport) = Start();
        await using var _ = harness;
        await using var other = new LogHarness(fixture);
        foreach (var fault in new[] { Fault.BeforeWrite, Fault.AfterWrite })
        {
            var run = await harness.RunAsync();
            transport.Plan(fault);
            transport.FailingReads = 1;
            var lost = run.AppendAsync();
            await harness.Clock.WaitForTimerAsync(LogHarness.Token);
            await run.SeenBy(other).OpenAsync();

            Assert.Equal(CommitOutcome.Stale, (await Driven(harness, lost)).Outcome);
            Assert.Equal(fault == Fault.AfterWrite ? 1 : 0, (await harness.EventsAsync(run.Id)).Count);
        }
    }

    [Fact]
    public async Task Commits_wait_while_the_database_is_down_and_keep_their_order()
    {
        var (harness, transport) = Start();
        await using var _ = harness;
        var run = await harness.RunAsync();
        transport.Down = true;
        var all = Task.WhenAll(Enumerable.Range(0, 10).Select(i => run.AppendAsync(run.Commit(run.Event($"{i}")))));
        for (var i = 0; i < 5; i++)
        {
            await harness.Clock.WaitForTimerAsync(LogHarness.Token);
            Assert.False(all.IsCompleted);
            harness.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        transport.Down = false;
        Assert.All(await Driven(harness, all), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
    }

    [Fact]
    public async Task A_caller_can_give_up_waiting_and_its_commit_is_not_sent()
    {
        var (harness, transport) = Start();
        await using var _ = harness;
        var run = await harness.RunAsync();
        var other = await harness.RunAsync();
        transport.Down = true;
        using var patience = new CancellationTokenSource();
        var abandoned = run.AppendAsync(token: patience.Token);
        var kept = other.AppendAsync();
        await harness.Clock.WaitForTimerAsync(LogHarness.Token);

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        transport.Down = false;
        Assert.Equal(CommitOutcome.Committed, (await Driven(harness, kept)).Outcome);
        Assert.Empty(await harness.EventsAsync(run.Id));
    }

    [Fact]
    public async Task Disposing_writes_what_waits()
    {
        var (harness, transport) = Start(options => options.MaxBatchCommits = 1);
        var run = await harness.RunAsync();
        var waiting = Enumerable.Range(0, 20).Select(_ => run.AppendAsync()).ToList();

        await harness.DisposeAsync();

        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        Assert.Equal(20, transport.Writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => run.AppendAsync());
    }

    [Fact]
    public async Task Disposing_while_the_database_is_down_fails_what_waits()
    {
        var (harness, transport) = Start();
        var run = await harness.RunAsync();
        transport.Down = true;
        var waiting = run.AppendAsync();
        await harness.Clock.WaitForTimerAsync(LogHarness.Token);

        await harness.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public async Task Killing_the_sessions_of_the_writer_loses_and_repeats_nothing()
    {
        await using var harness = new LogHarness(fixture);
        var runs = new List<TestRun>();
        for (var i = 0; i < 10; i++)
            runs.Add(await harness.RunAsync());
        await using var killer = await fixture.Database.DataSource.OpenConnectionAsync(LogHarness.Token);

        var writers = Task.WhenAll(runs.Select(async run =>
        {
            for (var i = 0; i < 50; i++)
                Assert.Equal(CommitOutcome.Committed, (await Driven(harness, run.AppendAsync(run.Commit(run.Event($"{i}"))))).Outcome);
        }));
        var kills = 0;
        // Not for ever: on an idle machine sessions are killed faster than they can write.
        while (!writers.IsCompleted && kills < 100)
        {
            var killed = await killer.ListAsync(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'WITH request%'
                """,
                [],
                row => row.GetBoolean(0),
                LogHarness.Token);
            kills += killed.Count(done => done);
        }

        await writers;
        Assert.True(kills > 0, "no session was killed");
        // Killed sessions that idle in the pool are not the log's concern.
        fixture.Database.DataSource.Clear();
        foreach (var run in runs)
        {
            var bodies = (await harness.EventsAsync(run.Id)).Select(logged => Text.Of(logged.Body));
            Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), bodies, StringComparer.Ordinal);
        }
    }

    private (LogHarness Harness, FaultyTransport Transport) Start(Action<ExecutionLogOptions>? configure = null)
    {
        FaultyTransport? transport = null;
        var harness = new LogHarness(fixture, inner => transport = new FaultyTransport(inner), configure);
        return (harness, transport!);
    }

    // Lets the log's own pauses pass until the work is done.
    private static async Task<T> Driven<T>(LogHarness harness, Task<T> work)
    {
        while (!work.IsCompleted)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(LogHarness.Token);
            var pause = harness.Clock.WaitForTimerAsync(stop.Token);
            await Task.WhenAny(work, pause);
            await stop.CancelAsync();
            harness.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        return await work;
    }
}
