using Grainflow.Storage.Execution;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Storage.Tests.Telemetry;

public sealed class RunQueueTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_as_deep_as_runs_wait_and_as_old_as_the_oldest_of_them()
    {
        var probe = new RunQueueProbe(fixture.Source);
        Assert.Equal(new RunQueueState(0, null), await probe.ReadAsync(Token));

        await CreateAsync("QUEUED", Start.AddSeconds(2));
        await CreateAsync("RUNNING", Start.AddSeconds(-5));
        await CreateAsync("COMPLETED", Start.AddSeconds(-9));
        await CreateAsync("QUEUED", Start);

        Assert.Equal(new RunQueueState(2, Start), await probe.ReadAsync(Token));
    }

    private async Task CreateAsync(string status, DateTimeOffset at)
    {
        var id = fixture.NextId();
        Assert.Equal(RunCreation.Created, await new RunStore(fixture.Source).CreateAsync(
            new NewRun
            {
                Id = id,
                UserId = fixture.NextUser(),
                GraphId = DatabaseFixture.AnyGraph,
                GraphVersion = 1,
                Status = status,
                Inputs = "{}"u8.ToArray(),
                Spec = "{}"u8.ToArray(),
                RootRunId = id,
                CreatedAt = at,
            },
            [],
            Token));
    }
}
