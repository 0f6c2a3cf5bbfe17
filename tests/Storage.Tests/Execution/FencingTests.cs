using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

public class FencingTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task Opening_a_run_fences_the_writer_before()
    {
        await using var harness = new LogHarness(fixture);
        await using var other = new LogHarness(fixture);
        var old = await harness.RunAsync();
        await old.AppendAsync();

        var mine = old.SeenBy(other);
        var head = await mine.OpenAsync();

        Assert.Equal(new RunHead(old.Id, 2, 1, "QUEUED"), head);
        Assert.Equal(CommitOutcome.Stale, (await old.AppendAsync()).Outcome);
        Assert.Equal(CommitOutcome.Committed, (await mine.AppendAsync()).Outcome);
        Assert.Equal(2, (await harness.EventsAsync(old.Id)).Count);
    }

    [Fact]
    public async Task A_stale_commit_writes_nothing_at_all()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var node = run.Node();
        await run.AppendAsync(run.Commit() with { Nodes = [node] });
        var before = await fixture.Source.ScalarAsync("SELECT count(*) FROM dispatch_counts");

        var stale = run.Commit(run.Event("{}", new NodeOutputRow(node.Id, 0, "out", Text.Json("1")))) with
        {
            Epoch = 0,
            Nodes = [node with { Status = "COMPLETED" }],
            Run = new RunChange { Status = "COMPLETED" },
            CountedDispatches = [node.Id],
        };
        Assert.Equal(CommitOutcome.Stale, (await run.AppendAsync(stale)).Outcome);

        var stored = Assert.Single(await harness.Runs.NodeExecutionsAsync(run.Id, 10, LogHarness.Token));
        Assert.Equal(("QUEUED", 0), (stored.Row.Status, stored.Outputs.Count));
        Assert.Equal("QUEUED", (await harness.Runs.FindAsync(run.Id, LogHarness.Token))!.Status);
        Assert.Single(await harness.EventsAsync(run.Id));
        Assert.Equal(before, await fixture.Source.ScalarAsync("SELECT count(*) FROM dispatch_counts"));
    }

    [Fact]
    public async Task A_loser_does_not_take_others_of_its_batch_with_it()
    {
        await using var harness = new LogHarness(fixture);
        var runs = new List<TestRun>();
        for (var i = 0; i < 20; i++)
            runs.Add(await harness.RunAsync());

        var results = await Task.WhenAll(runs.Select((run, i) => run.AppendAsync(run.Commit() with { ExpectedSequence = i % 3 == 0 ? 7 : 0 })));

        for (var i = 0; i < runs.Count; i++)
            Assert.Equal(i % 3 == 0 ? CommitOutcome.Stale : CommitOutcome.Committed, results[i].Outcome);
    }

    [Theory]
    [InlineData("COMPLETED")]
    [InlineData("FAILED")]
    [InlineData("TERMINATED")]
    public async Task A_terminal_run_never_takes_another_event(string status)
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var ends = run.AppendAsync(run.Commit() with { Run = new RunChange { Status = status } });
        var after = run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "RUNNING" } });

        Assert.Equal(CommitOutcome.Committed, (await ends).Outcome);
        Assert.Equal(CommitOutcome.Closed, (await after).Outcome);
        var head = (await run.OpenAsync())!;
        Assert.True(head.IsClosed);
        Assert.Equal(CommitOutcome.Closed, (await run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "QUEUED" } })).Outcome);
        Assert.Equal(status, (await harness.Runs.FindAsync(run.Id, LogHarness.Token))!.Status);
        Assert.Single(await harness.EventsAsync(run.Id));
    }

    [Fact]
    public async Task Of_writers_that_keep_opening_the_same_runs_one_at_a_time_gets_through_and_no_event_is_lost()
    {
        await using var creator = new LogHarness(fixture);
        var ids = new List<TestRun>();
        for (var i = 0; i < 10; i++)
            ids.Add(await creator.CreateAsync());

        var written = new System.Collections.Concurrent.ConcurrentBag<(Guid Run, long Sequence, string Body)>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            await using var harness = new LogHarness(fixture);
            await Task.WhenAll(ids.Select(async seen =>
            {
                var run = seen.SeenBy(harness);
                for (var round = 0; round < 5; round++)
                {
                    await run.OpenAsync();
                    for (var i = 0; i < 5; i++)
                    {
                        var body = $"\"{writer}/{round}/{i}\"";
                        var sequence = run.Sequence + 1;
                        var result = await run.AppendAsync(run.Commit(run.Event(body)));
                        if (result.Outcome != CommitOutcome.Committed) break;
                        written.Add((run.Id, sequence, body));
                    }
                }
            }));
        }));

        foreach (var run in ids)
        {
            var events = await creator.EventsAsync(run.Id);
            Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(logged => logged.Sequence));
            Assert.Equal(
                written.Where(entry => entry.Run == run.Id).OrderBy(entry => entry.Sequence).Select(entry => (entry.Sequence, entry.Body)),
                events.Select(logged => (logged.Sequence, Text.Of(logged.Body))));
        }
    }
}
