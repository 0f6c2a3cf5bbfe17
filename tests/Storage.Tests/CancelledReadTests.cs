using Grainflow.Storage.Tests.Execution;

namespace Grainflow.Storage.Tests;

public sealed class CancelledReadTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task A_reader_that_leaves_disturbs_no_other()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var others = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 1000; i++) Assert.NotNull(await harness.Runs.FindAsync(run.Id, CancellationToken.None));
        })).ToList();
        var leaving = Enumerable.Range(0, 4).Select(reader => Task.Run(async () =>
        {
            for (var i = 0; !Task.WhenAll(others).IsCompleted; i++)
            {
                using var leave = new CancellationTokenSource();
                var reading = harness.Runs.FindAsync(run.Id, leave.Token);
                // Now before it is sent, now while it runs, now when its answer is there.
                for (var turns = (i + reader) % 7; turns > 0; turns--) await Task.Yield();
                await leave.CancelAsync();
                await reading.ContinueWith(_ => { }, TaskScheduler.Default);
            }
        })).ToList();

        await Task.WhenAll([.. others, .. leaving]);
    }
}
