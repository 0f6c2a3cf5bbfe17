using Grainflow.Storage.Execution;
using Grainflow.Storage.Hosting;

namespace Grainflow.Storage.Tests.Execution;

public class WriterProcessesTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task They_never_deadlock_over_the_counts_of_their_users(int otherLane)
    {
        const int Rounds = 300;
        await using var harness = new LogHarness(fixture);
        var (first, second) = (fixture.NextUser(), fixture.NextUser());
        var ahead = (One: await harness.RunAsync(second), Two: await harness.RunAsync(first));
        var careful = (One: await harness.RunAsync(first), Two: await harness.RunAsync(second));
        await Task.WhenAll(ahead.One.AppendAsync(ahead.One.Dispatch(1)), ahead.Two.AppendAsync(ahead.Two.Dispatch(1)));
        // Nothing is refused: no number comes near the fee.
        var options = new ExecutionLogOptions { ExecutionCostCountThreshold = int.MaxValue };

        // One writer compares the count of the second user and changes both, the other compares that of the first.
        await Task.WhenAll(WriteAsync(0, ahead.One, careful.One), WriteAsync(otherLane, ahead.Two, careful.Two));

        foreach (var user in new[] { first, second })
            Assert.Equal((2 * Rounds) + 1, await fixture.Source.ScalarAsync("SELECT sum(count)::bigint FROM dispatch_counts WHERE user_id = $1", user));

        async Task WriteAsync(int lane, TestRun free, TestRun other)
        {
            var transport = new NpgsqlLogTransport(fixture.Source, options, new WriterLane(lane));
            for (var i = 0; i < Rounds; i++)
            {
                var result = await transport.WriteAsync(new LogBatch([Next(free) with { MustBeFree = true }, Next(other)]), LogHarness.Token);
                Assert.Equal(2, result.Won.Count);
            }
        }

        static RunCommit Next(TestRun run)
        {
            var commit = run.Dispatch(1);
            run.Sequence++;
            return commit;
        }
    }

    [Fact]
    public async Task A_writer_does_not_wait_for_another_one_that_counts_for_the_same_user_in_its_own_lane()
    {
        await using var here = new LogHarness(fixture);
        await using var there = new LogHarness(fixture, lane: 1);
        var user = fixture.NextUser();
        var (run, other) = (await here.RunAsync(user), await there.RunAsync(user));
        await run.AppendAsync(run.Dispatch(1));
        await using var session = await fixture.Source.OpenAsync(LogHarness.Token);
        await using var transaction = await session.BeginTransactionAsync(LogHarness.Token);
        await session.ListAsync(Plan.ByIndex, "SELECT count FROM dispatch_counts WHERE user_id = $1 FOR UPDATE", [user], row => row.GetInt64(0), LogHarness.Token);

        // The first writer's row is locked as by a commit that is under way.
        Assert.Equal(CommitOutcome.Committed, (await other.AppendAsync(other.Dispatch(1))).Outcome);
        await transaction.RollbackAsync(LogHarness.Token);

        Assert.Equal(2, await fixture.Source.ScalarAsync("SELECT sum(count)::bigint FROM dispatch_counts WHERE user_id = $1", user));
    }
}
