using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

public class WriterProcessesTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task They_never_deadlock_over_the_counts_of_their_users()
    {
        const int Rounds = 300;
        await using var harness = new LogHarness(fixture);
        var (first, second) = (fixture.NextUser(), fixture.NextUser());
        var ahead = (One: await harness.RunAsync(second), Two: await harness.RunAsync(first));
        var careful = (One: await harness.RunAsync(first), Two: await harness.RunAsync(second));
        await Task.WhenAll(ahead.One.AppendAsync(ahead.One.Dispatch(1)), ahead.Two.AppendAsync(ahead.Two.Dispatch(1)));
        // Nothing is refused: no number comes near the fee.
        var transport = new NpgsqlLogTransport(fixture.Source, new ExecutionLogOptions { ExecutionCostCountThreshold = int.MaxValue });

        // One writer compares the count of the second user and changes both, the other compares that of the first.
        await Task.WhenAll(WriteAsync(ahead.One, careful.One), WriteAsync(ahead.Two, careful.Two));

        foreach (var user in new[] { first, second })
            Assert.Equal((2 * Rounds) + 1, await fixture.Source.ScalarAsync("SELECT count FROM dispatch_counts WHERE user_id = $1", user));

        async Task WriteAsync(TestRun free, TestRun other)
        {
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
}
