using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

public class LogAppendTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task Events_are_read_back_in_order_with_their_outputs()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var output = new NodeOutputRow(harness.NextId(), 3, "result", Text.Json("""{"z":1.0,"a":[5,5.0,1e3],"é":"\u00e9"}"""));

        var result = await run.AppendAsync(run.Commit(run.Event("""{"b":1,"a":2.50}"""), run.Event("{}", output)));

        Assert.Equal(CommitOutcome.Committed, result.Outcome);
        Assert.Empty(result.Fees);
        var events = await harness.EventsAsync(run.Id);
        Assert.Equal([1, 2], events.Select(logged => logged.Sequence));
        Assert.Equal("""{"b":1,"a":2.50}""", Text.Of(events[0].Body));
        Assert.Equal("test", events[0].Kind);
        Assert.Equal(harness.Clock.GetUtcNow(), events[0].At);
        Assert.Null(events[0].Output);
        Assert.Equal(output with { Value = default }, events[1].Output! with { Value = default });
        Assert.Equal(Text.Of(output.Value), Text.Of(events[1].Output!.Value));
    }

    [Fact]
    public async Task A_log_longer_than_a_page_is_read_to_its_end()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.AppendAsync(run.Commit([.. Enumerable.Range(1, 2500).Select(i => run.Event($"{i}"))]));

        var events = await harness.EventsAsync(run.Id, after: 10);

        Assert.Equal(Enumerable.Range(11, 2490).Select(i => $"{i}"), events.Select(logged => Text.Of(logged.Body)), StringComparer.Ordinal);
        Assert.Equal(2490, (await harness.EventsAsync(run.Id, after: 10)).Count);
        Assert.Empty(await harness.EventsAsync(run.Id, after: 2500));
    }

    [Fact]
    public async Task Commits_under_way_together_are_written_in_the_order_of_the_calls()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();

        var results = await Task.WhenAll(Enumerable.Range(1, 50).Select(i => run.AppendAsync(run.Commit(run.Event($"{i}")))));

        Assert.All(results, result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        var bodies = (await harness.EventsAsync(run.Id)).Select(logged => Text.Of(logged.Body));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"{i}"), bodies, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_hundred_runs_append_in_parallel_without_disturbing_each_other()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.MaxBatchCommits = 40);
        var runs = new List<TestRun>();
        for (var i = 0; i < 100; i++)
            runs.Add(await harness.RunAsync());

        var outcomes = await Task.WhenAll(runs.Select(async run =>
        {
            var all = new List<CommitOutcome>();
            for (var i = 0; i < 20; i++)
                all.Add((await run.AppendAsync(run.Commit(run.Event($"{i}"), run.Event("{}")))).Outcome);
            return all;
        }));

        Assert.All(outcomes.SelectMany(all => all), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        foreach (var run in runs)
            Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), (await harness.EventsAsync(run.Id)).Select(logged => logged.Sequence));
    }

    [Fact]
    public async Task A_commit_larger_than_a_batch_goes_alone()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.MaxBatchBytes = 100);
        var run = await harness.RunAsync();
        var large = $"\"{new string('x', 1000)}\"";

        var results = await Task.WhenAll(run.AppendAsync(), run.AppendAsync(run.Commit(run.Event(large))), run.AppendAsync());

        Assert.All(results, result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        Assert.Equal(large, Text.Of((await harness.EventsAsync(run.Id))[1].Body));
    }

    [Fact]
    public async Task A_node_row_replaces_the_stored_one_and_keeps_its_input_when_it_brings_none()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var now = harness.Clock.GetUtcNow();
        var node = run.Node() with { Input = Text.Json("""{"b":1,"a":1.0}"""), Price = 7, QueuedAt = now };
        await run.AppendAsync(run.Commit() with { Nodes = [node] });

        var ended = node with
        {
            Status = "FAILED",
            Attempt = 2,
            Host = "host",
            Input = null,
            StartedAt = now,
            EndedAt = now.AddSeconds(1),
            Error = "why",
            Stats = Text.Json("{}"),
        };
        await run.AppendAsync(run.Commit() with { Nodes = [ended] });

        var stored = Assert.Single(await harness.Runs.NodeExecutionsAsync(run.Id, 10, LogHarness.Token)).Row;
        Assert.Equal("""{"b":1,"a":1.0}""", Text.Of(stored.Input));
        Assert.Equal("{}", Text.Of(stored.Stats));
        Assert.Equal(ended with { Input = null, Stats = null }, stored with { Input = null, Stats = null });
    }

    [Fact]
    public async Task Rows_of_one_node_in_one_batch_become_one()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var node = run.Node() with { Input = Text.Json("[1]") };

        await Task.WhenAll(
            run.AppendAsync(run.Commit() with { Nodes = [node, node with { Input = null, Status = "RUNNING" }] }),
            run.AppendAsync(run.Commit() with { Nodes = [node with { Input = null, Status = "COMPLETED" }] }));

        var stored = Assert.Single(await harness.Runs.NodeExecutionsAsync(run.Id, 10, LogHarness.Token)).Row;
        Assert.Equal("COMPLETED", stored.Status);
        Assert.Equal("[1]", Text.Of(stored.Input));
    }

    [Fact]
    public async Task A_change_of_the_run_keeps_what_it_does_not_name()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var now = harness.Clock.GetUtcNow();

        await run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "RUNNING", StartedAt = now }, Stats = Text.Json("""{"n":1}""") });
        await Task.WhenAll(
            run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "REVIEW", Error = "e" } }),
            run.AppendAsync(),
            run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "FAILED", EndedAt = now.AddHours(1) } }));

        var row = (await harness.Runs.FindAsync(run.Id, LogHarness.Token))!;
        Assert.Equal("FAILED", row.Status);
        Assert.Equal((now, now.AddHours(1), "e"), (row.StartedAt!.Value, row.EndedAt!.Value, row.Error));
        Assert.Equal("""{"n":1}""", Text.Of(row.Stats));
    }

    [Fact]
    public async Task A_commit_without_an_event_is_refused()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => harness.Log.Append(run.Commit() with { Events = [] }, LogHarness.Token).Committed);
    }

    [Fact]
    public async Task A_counted_dispatch_without_its_node_row_is_refused()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await Assert.ThrowsAsync<ArgumentException>(
            () => harness.Log.Append(run.Commit() with { CountedDispatches = [harness.NextId()] }, LogHarness.Token).Committed);
    }

    [Fact]
    public async Task The_newest_snapshot_is_kept()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        Assert.Null(await harness.Log.ReadSnapshotAsync(run.Id, LogHarness.Token));

        await harness.Log.WriteSnapshotAsync(run.Id, 1000, Text.Json("""{"at":1000}"""), LogHarness.Token);
        await harness.Log.WriteSnapshotAsync(run.Id, 2000, Text.Json("""{"at":2000}"""), LogHarness.Token);
        await harness.Log.WriteSnapshotAsync(run.Id, 1500, Text.Json("""{"at":1500}"""), LogHarness.Token);

        var snapshot = (await harness.Log.ReadSnapshotAsync(run.Id, LogHarness.Token))!;
        Assert.Equal(2000, snapshot.Sequence);
        Assert.Equal("""{"at":2000}""", Text.Of(snapshot.Body));
    }

    [Fact]
    public async Task A_run_that_does_not_exist_cannot_be_opened_or_written()
    {
        await using var harness = new LogHarness(fixture);
        var run = new TestRun(harness, harness.NextId(), "nobody");
        Assert.Null(await run.OpenAsync());
        Assert.Equal(CommitOutcome.Stale, (await run.AppendAsync()).Outcome);
        Assert.Empty(await harness.EventsAsync(run.Id));
    }
}
