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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Two_writers_share_the_count_of_a_user(int otherLane)
    {
        await using var one = new LogHarness(fixture);
        await using var two = new LogHarness(fixture, lane: otherLane);
        var user = fixture.NextUser();
        var runs = new[] { await one.RunAsync(user), await two.RunAsync(user), await one.RunAsync(user), await two.RunAsync(user) };

        var fees = await Task.WhenAll(runs.Select(async run =>
        {
            var count = 0;
            for (var i = 0; i < 50; i++)
                count += (await run.AppendAsync(run.Dispatch(3))).Fees.Count;
            return count;
        }));

        // A multiple that both writers reached at the same time is owed by the next dispatch.
        var last = await runs[0].AppendAsync(runs[0].Dispatch(1));
        Assert.Equal(6, fees.Sum() + last.Fees.Count);
    }

    [Fact]
    public async Task Writers_of_several_lanes_go_on_with_one_count_and_one_window()
    {
        await using var one = new LogHarness(fixture);
        await using var two = new LogHarness(fixture, lane: 1);
        await using var three = new LogHarness(fixture, lane: 2);
        var user = fixture.NextUser();
        var (first, second, third) = (await one.RunAsync(user), await two.RunAsync(user), await three.RunAsync(user));
        await first.AppendAsync(first.Dispatch(60));
        await second.AppendAsync(second.Dispatch(39));
        var hundredth = third.Dispatch(2);
        Assert.Equal([hundredth.CountedDispatches[0]], (await third.AppendAsync(hundredth)).Fees);

        // The window began with the first dispatch, whoever counts now.
        foreach (var harness in new[] { one, two, three }) harness.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Empty((await second.AppendAsync(second.Dispatch(99))).Fees);
        Assert.Single((await first.AppendAsync(first.Dispatch(1))).Fees);
        Assert.Equal(100, await fixture.Source.ScalarAsync("SELECT sum(count)::bigint FROM dispatch_counts WHERE user_id = $1 AND lane < 2", user));
    }

    [Fact]
    public async Task Multiples_that_nobody_noticed_are_owed_one_each_by_the_dispatches_that_follow()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        await run.AppendAsync(run.Dispatch(1));
        // As when writers of other lanes have counted at the same time.
        await fixture.Source.ExecuteAsync(
            "INSERT INTO dispatch_counts (user_id, lane, window_start, count) SELECT user_id, 7, window_start, 299 FROM dispatch_counts WHERE user_id = $1", [run.User], LogHarness.Token);

        var one = run.Dispatch(1);
        Assert.Equal(one.CountedDispatches, (await run.AppendAsync(one)).Fees);
        var three = run.Dispatch(3);
        Assert.Equal(three.CountedDispatches.Take(2), (await run.AppendAsync(three)).Fees);
        Assert.Empty((await run.AppendAsync(run.Dispatch(95))).Fees);
        Assert.Single((await run.AppendAsync(run.Dispatch(1))).Fees);
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
