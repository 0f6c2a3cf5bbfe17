using Grainflow.Storage.Execution;
using Grainflow.Storage.Monitoring;
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
        var before = await probe.ReadAsync(Start, Token);
        Assert.Equal((0, null, 0), (before.Depth, before.Oldest, before.Stuck));

        await CreateAsync("QUEUED", Start.AddSeconds(2));
        await CreateAsync("RUNNING", Start.AddSeconds(-5));
        await CreateAsync("REVIEW", Start.AddSeconds(-5));
        await CreateAsync("COMPLETED", Start.AddSeconds(-9));
        await CreateAsync("QUEUED", Start);

        var state = await probe.ReadAsync(Start, Token);
        Assert.Equal((2, Start, 0), (state.Depth, state.Oldest, state.Stuck));
        Assert.Equal(["QUEUED 2", "REVIEW 1", "RUNNING 1"], state.Runs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
    }

    private Task<Guid> CreateAsync(string status, DateTimeOffset at) => CreateAsync(fixture, status, at);

    internal static async Task<Guid> CreateAsync(DatabaseFixture fixture, string status, DateTimeOffset at, Guid? parent = null)
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
                ParentRunId = parent,
                CreatedAt = at,
            },
            [],
            Token));
        return id;
    }
}

/// <summary>Runs that seem stuck.</summary>
public sealed class StuckRunTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_stuck_that_has_logged_nothing_for_long_unless_a_run_below_it_goes_on()
    {
        var (silent, busy, parent) = (await StartedAsync(), await StartedAsync(), await StartedAsync());
        var child = await RunQueueTests.CreateAsync(fixture, "RUNNING", Start.AddMinutes(15), parent);
        await LogAsync(busy, 2, Start.AddMinutes(20));

        Assert.Equal(0, await StuckAsync(Start.AddMinutes(-10)));
        Assert.Equal(1, await StuckAsync(Start.AddMinutes(10)));
        await SetStatusAsync(child, "COMPLETED");
        Assert.Equal(2, await StuckAsync(Start.AddMinutes(10)));
        await SetStatusAsync(silent, "FAILED");
        Assert.Equal(1, await StuckAsync(Start.AddMinutes(10)));
        Assert.Equal(2, await StuckAsync(Start.AddMinutes(30)));

        // Operators see which they are, the longest silent first.
        var stuck = await new OperatorQueries(fixture.Source).FindStuckAsync(Start.AddMinutes(30), 5, Token);
        Assert.Equal([(parent, Start), (busy, Start.AddMinutes(20))], stuck.Select(run => (run.Id, run.SilentSince)));
        Assert.Equal(parent, Assert.Single(await new OperatorQueries(fixture.Source).FindStuckAsync(Start.AddMinutes(30), 1, Token)).Id);
    }

    private async Task<long> StuckAsync(DateTimeOffset silentSince) => (await new RunQueueProbe(fixture.Source).ReadAsync(silentSince, Token)).Stuck;

    private async Task<Guid> StartedAsync()
    {
        var id = await RunQueueTests.CreateAsync(fixture, "RUNNING", Start);
        await fixture.Source.ExecuteAsync("UPDATE runs SET started_at = $2 WHERE id = $1", [id, Start], Token);
        await LogAsync(id, 1, Start);
        return id;
    }

    private Task<int> LogAsync(Guid runId, long sequence, DateTimeOffset at) =>
        fixture.Source.ExecuteAsync("INSERT INTO execution_events (run_id, seq, kind, at, body) VALUES ($1, $2, 'test', $3, '{}')", [runId, sequence, at], Token);

    private Task<int> SetStatusAsync(Guid runId, string status) => fixture.Source.ExecuteAsync("UPDATE runs SET status = $2 WHERE id = $1", [runId, status], Token);
}
