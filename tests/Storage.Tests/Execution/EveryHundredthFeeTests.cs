namespace Grainflow.Storage.Tests.Execution;

public class EveryHundredthFeeTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task It_falls_on_every_100th_counted_dispatch_across_batches()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var ids = new List<Guid>();
        var fees = new List<Guid>();
        foreach (var size in new[] { 60, 39, 1, 1, 99, 100, 50 })
        {
            var commit = run.Dispatch(size);
            ids.AddRange(commit.CountedDispatches);
            fees.AddRange((await run.AppendAsync(commit)).Fees);
        }

        Assert.Equal([ids[99], ids[199], ids[299]], fees);
        var charged = (await harness.Runs.NodeExecutionsAsync(run.Id, 1000, LogHarness.Token)).Where(node => node.Fee > 0).ToList();
        Assert.Equal(fees, charged.Select(node => node.Row.Id));
        Assert.All(charged, node => Assert.Equal(1, node.Fee));
    }

    [Fact]
    public async Task Several_fall_into_one_large_commit()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var commit = run.Dispatch(250);
        Assert.Equal([commit.CountedDispatches[99], commit.CountedDispatches[199]], (await run.AppendAsync(commit)).Fees);
    }

    [Fact]
    public async Task Runs_of_one_user_are_counted_together_and_users_apart()
    {
        await using var harness = new LogHarness(fixture);
        var users = new[] { fixture.NextUser(), fixture.NextUser(), fixture.NextUser() };
        var runs = new List<TestRun>();
        for (var i = 0; i < 30; i++)
            runs.Add(await harness.RunAsync(users[i % 3]));

        var results = await Task.WhenAll(runs.Select(async run =>
        {
            var fees = new List<Guid>();
            for (var i = 0; i < 7; i++)
                fees.AddRange((await run.AppendAsync(run.Dispatch(5))).Fees);
            return (run.User, Fees: fees);
        }));

        // 10 runs × 7 commits × 5 dispatches = 350 of each user.
        foreach (var user in users)
            Assert.Equal(3, results.Where(result => result.User == user).Sum(result => result.Fees.Count));
    }

    [Fact]
    public async Task Two_writers_share_the_count_of_a_user()
    {
        await using var one = new LogHarness(fixture);
        await using var two = new LogHarness(fixture);
        var user = fixture.NextUser();
        var runs = new[] { await one.RunAsync(user), await two.RunAsync(user), await one.RunAsync(user), await two.RunAsync(user) };

        var fees = await Task.WhenAll(runs.Select(async run =>
        {
            var count = 0;
            for (var i = 0; i < 50; i++)
                count += (await run.AppendAsync(run.Dispatch(3))).Fees.Count;
            return count;
        }));

        Assert.Equal(6, fees.Sum());
    }

    [Fact]
    public async Task The_count_starts_again_24_hours_after_its_first_dispatch()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.AppendAsync(run.Dispatch(50));
        harness.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Empty((await run.AppendAsync(run.Dispatch(49))).Fees);

        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await run.AppendAsync(run.Dispatch(99))).Fees);
        harness.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Single((await run.AppendAsync(run.Dispatch(1))).Fees);
    }

    [Fact]
    public async Task A_fee_once_set_stays_on_its_node()
    {
        await using var harness = new LogHarness(fixture, configure: options => options.ExecutionCostCountThreshold = 1);
        var run = await harness.RunAsync();
        var node = run.Node();
        await run.AppendAsync(run.Commit() with { Nodes = [node], CountedDispatches = [node.Id] });
        await run.AppendAsync(run.Commit() with { Nodes = [node with { Status = "COMPLETED" }] });

        Assert.Equal(1, Assert.Single(await harness.Runs.NodeExecutionsAsync(run.Id, 10, LogHarness.Token)).Fee);
    }

    [Fact]
    public async Task Threshold_fee_and_window_are_settings()
    {
        await using var harness = new LogHarness(fixture, configure: options =>
        {
            options.ExecutionCostCountThreshold = 3;
            options.ExecutionCostPerThreshold = 5;
            options.ExecutionCountWindow = TimeSpan.FromMinutes(1);
        });
        var run = await harness.RunAsync();
        Assert.Empty((await run.AppendAsync(run.Dispatch(2))).Fees);
        harness.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty((await run.AppendAsync(run.Dispatch(2))).Fees);
        var fee = Assert.Single((await run.AppendAsync(run.Dispatch(1))).Fees);

        var nodes = await harness.Runs.NodeExecutionsAsync(run.Id, 10, LogHarness.Token);
        Assert.Equal(5, nodes.Single(node => node.Row.Id == fee).Fee);
    }
}
