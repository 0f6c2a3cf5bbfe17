using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>Which runs the supervisor is told of. Other tests share the database, so each looks for its own runs.</summary>
public sealed class RunSupervisionStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private const string Here = "10.0.0.7:11111@5";
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly RunSupervisionStore _store = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_found_in_its_shard_when_its_silo_is_not_among_the_living_and_until_it_has_ended()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.OpenAsync(Here);

        Assert.Equal([(run.Id, (string?)Here, false)], await FindAsync(run.Id, [], Long));
        Assert.Empty(await FindAsync(run.Id, [Here], Long));
        Assert.Empty(await FindAsync(run.Id, [], Long, shard: (ShardOf(run.Id) + 1) % RunSupervisionStore.Shards));

        await run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "TERMINATED" } });
        Assert.Empty(await FindAsync(run.Id, [], Long));
    }

    [Fact]
    public async Task A_run_that_an_older_release_opened_has_no_silo_and_is_found()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.OpenAsync(host: null);

        Assert.Equal([(run.Id, (string?)null, false)], await FindAsync(run.Id, [Here], Long));
    }

    [Fact]
    public async Task A_running_run_is_found_once_its_log_has_stood_still()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.OpenAsync(Here);
        Assert.Empty(await FindAsync(run.Id, [Here], TimeSpan.Zero));

        await run.AppendAsync(run.Commit() with { Run = new RunChange { Status = "RUNNING" } });

        Assert.Equal([(run.Id, (string?)Here, true)], await FindAsync(run.Id, [Here], TimeSpan.Zero));
        Assert.Empty(await FindAsync(run.Id, [Here], Long));
    }

    [Fact]
    public async Task Users_with_queued_runs_are_found_and_those_of_other_runs_are_not()
    {
        await using var harness = new LogHarness(fixture);
        var (queued, running) = (await harness.RunAsync(), await harness.RunAsync());
        await running.AppendAsync(running.Commit() with { Run = new RunChange { Status = "RUNNING" } });

        Assert.Contains(queued.User, await _store.FindQueuedUsersAsync(ShardOf(queued.Id), TimeSpan.Zero, Token));
        Assert.DoesNotContain(queued.User, await _store.FindQueuedUsersAsync(ShardOf(queued.Id), Long, Token));
        Assert.DoesNotContain(running.User, await _store.FindQueuedUsersAsync(ShardOf(running.Id), TimeSpan.Zero, Token));
    }

    [Fact]
    public async Task Pages_follow_each_other_by_id()
    {
        await using var harness = new LogHarness(fixture);
        for (var i = 0; i < 3 * RunSupervisionStore.Shards; i++) await harness.RunAsync();
        var all = await _store.FindOverdueAsync(new OverdueRunsPage(3, [], Long, Guid.Empty, int.MaxValue), Token);

        var (paged, after) = (new List<Guid>(), Guid.Empty);
        while (await _store.FindOverdueAsync(new OverdueRunsPage(3, [], Long, after, 2), Token) is { Count: > 0 } page)
        {
            paged.AddRange(page.Select(run => run.Id));
            after = page[^1].Id;
        }

        Assert.Equal(all.Select(run => run.Id), paged);
    }

    private static int ShardOf(Guid runId) => runId.ToByteArray(bigEndian: true)[3] & (RunSupervisionStore.Shards - 1);

    private async Task<IEnumerable<(Guid, string?, bool)>> FindAsync(Guid runId, IReadOnlyList<string> living, TimeSpan unmoved, int? shard = null) =>
        (await _store.FindOverdueAsync(new OverdueRunsPage(shard ?? ShardOf(runId), living, unmoved, Guid.Empty, int.MaxValue), Token))
            .Where(run => run.Id == runId).Select(run => (run.Id, run.Host, run.IsUnmoved));
}
