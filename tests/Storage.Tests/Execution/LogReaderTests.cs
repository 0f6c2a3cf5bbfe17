using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

public class LogReaderTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task Readers_of_many_runs_at_once_each_get_their_own()
    {
        await using var harness = new LogHarness(fixture);
        var runs = new List<TestRun>();
        for (var i = 0; i < 250; i++)
        {
            runs.Add(await harness.RunAsync());
            for (var events = 0; events < i % 3; events++) await runs[i].AppendAsync();
        }

        var read = await Task.WhenAll(runs.Select(run => harness.EventsAsync(run.Id)));
        Assert.Equal(Enumerable.Range(0, 250).Select(i => i % 3), read.Select(events => events.Count));
        Assert.All(read, events => Assert.Equal(Enumerable.Range(1, events.Count).Select(sequence => (long)sequence), events.Select(logged => logged.Sequence)));
    }

    [Fact]
    public async Task Two_readers_of_one_run_may_stand_at_different_places()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        for (var i = 0; i < 5; i++) await run.AppendAsync();

        var read = await Task.WhenAll(harness.EventsAsync(run.Id, after: 1), harness.EventsAsync(run.Id, after: 4), harness.EventsAsync(run.Id, after: 5));
        Assert.Equal([[2, 3, 4, 5], [5], []], read.Select(events => events.Select(logged => logged.Sequence)));
    }

    [Fact]
    public async Task A_log_of_many_pages_is_read_to_its_end()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.AppendAsync(run.Commit([.. Enumerable.Range(0, 1203).Select(_ => run.Event("{}"))]));
        Assert.Equal(Enumerable.Range(1, 1203).Select(sequence => (long)sequence), (await harness.EventsAsync(run.Id)).Select(logged => logged.Sequence));
    }

    [Fact]
    public async Task Whoever_created_a_run_may_append_until_somebody_opens_it()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.CreateAsync();
        Assert.Equal(CommitOutcome.Committed, (await run.AppendAsync()).Outcome);

        await run.SeenBy(harness).OpenAsync();
        Assert.Equal(CommitOutcome.Stale, (await run.AppendAsync()).Outcome);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_he_wants_to()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in harness.Log.ReadAsync(run.Id, 0, new CancellationToken(canceled: true))) Assert.Fail("Nothing may be read.");
        });
    }
}
