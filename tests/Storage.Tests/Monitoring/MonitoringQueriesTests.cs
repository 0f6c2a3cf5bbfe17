using Grainflow.Engine.Monitoring;
using Grainflow.Storage.Monitoring;
using Grainflow.Storage.Tests.Telemetry;

namespace Grainflow.Storage.Tests.Monitoring;

/// <summary>What the checks read. Each class of tests has a database of its own.</summary>
public sealed class LateExecutionQueryTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly MonitoringQueries _queries = new(fixture.Source);
    private readonly SystemTaskStore _tasks = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Late_are_queued_and_running_ones_of_an_age_until_their_status_changes()
    {
        var queued = await RunQueueTests.CreateAsync(fixture, "QUEUED", Now.AddDays(-3));
        await RunQueueTests.CreateAsync(fixture, "QUEUED", Now.AddSeconds(-300));
        var running = await RunQueueTests.CreateAsync(fixture, "RUNNING", Now.AddHours(-25));
        await RunQueueTests.CreateAsync(fixture, "RUNNING", Now.AddHours(-24));
        foreach (var status in new[] { "REVIEW", "COMPLETED", "FAILED", "TERMINATED" }) await RunQueueTests.CreateAsync(fixture, status, Now.AddDays(-3));
        var deleted = await RunQueueTests.CreateAsync(fixture, "QUEUED", Now.AddDays(-3));
        await fixture.Source.ExecuteAsync("UPDATE runs SET deleted = true WHERE id = $1", [deleted], Token);

        Assert.Equal([(queued, "QUEUED", false), (running, "RUNNING", false)], await FindAsync());

        // Reported once, it is known; once its status changes it is forgotten, and would be reported again with the new one.
        await ReportAsync([(queued, "QUEUED"), (running, "RUNNING")]);
        Assert.Equal([(queued, "QUEUED", true), (running, "RUNNING", true)], await FindAsync());
        await fixture.Source.ExecuteAsync("UPDATE runs SET status = 'RUNNING' WHERE id = $1", [queued], Token);
        Assert.Equal([(running, "RUNNING", true), (queued, "RUNNING", false)], (await FindAsync()).OrderByDescending(late => late.IsReported));
        await fixture.Source.ExecuteAsync("UPDATE runs SET status = 'COMPLETED' WHERE id = $1", [running], Token);
        await ReportAsync([]);
        Assert.Equal(0, await fixture.Source.ScalarAsync("SELECT count(*) FROM late_executions"));
        Assert.Equal([(queued, "RUNNING", false)], await FindAsync());
    }

    private async Task<List<(Guid Id, string Status, bool IsReported)>> FindAsync() =>
        [.. (await _queries.FindLateAsync(LateExecutions.UnstartedBefore(Now, TimeSpan.FromSeconds(300)), LateExecutions.StuckBefore(Now), Token)).Select(late => (late.Id, late.Status, late.IsReported))];

    private async Task ReportAsync(IReadOnlyList<(Guid, string)> late)
    {
        var row = await _tasks.EnsureAsync("late", TimeSpan.FromMinutes(5), isDueNow: true, Now, Token);
        var claim = new SystemTaskClaim(fixture.NextId(), "silo", Now, Now);
        Assert.True(await _tasks.ClaimAsync(row, claim, Token));
        Assert.NotNull(await _tasks.EndAsync("late", claim.Id, new SystemTaskEnd(Now, Text.Json("1"), Error: null, [], late), Token));
    }
}

/// <summary>At most 1000 late executions of each status are read.</summary>
public sealed class ManyLateExecutionsTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task At_most_1000_of_each_status_are_read_and_those_not_reported_come_first()
    {
        await fixture.Source.ExecuteAsync(
            """
            INSERT INTO runs (id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, created_at)
            SELECT gen_random_uuid(), 'user-' || (i % 7), gen_random_uuid(), 1, CASE WHEN i % 2 = 0 THEN 'QUEUED' ELSE 'RUNNING' END, '{}', '{}', gen_random_uuid(), $1 - i * interval '1 second'
            FROM generate_series(1, 2400) AS i
            """,
            [Now.AddDays(-2)],
            TestContext.Current.CancellationToken);
        await fixture.Source.ExecuteAsync(
            "INSERT INTO late_executions (run_id, status, reported_at) SELECT id, status, $1 FROM runs WHERE status = 'QUEUED' ORDER BY created_at LIMIT 1100", [Now], TestContext.Current.CancellationToken);

        var late = await new MonitoringQueries(fixture.Source).FindLateAsync(Now, Now, TestContext.Current.CancellationToken);

        Assert.Equal((1000, 1000), (late.Count(run => run.Status == "QUEUED"), late.Count(run => run.Status == "RUNNING")));
        Assert.Equal(100, late.Where(run => run.Status == "QUEUED").TakeWhile(run => !run.IsReported).Count());
        Assert.Equal(Now.AddDays(-2).AddSeconds(-2399), late.First(run => run.Status == "RUNNING").CreatedAt);
    }
}

/// <summary>What the check of error rates reads.</summary>
public sealed class BlockErrorQueryTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly MonitoringQueries _queries = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Node_executions_are_counted_by_block_when_they_were_added_in_the_window()
    {
        await AddAsync("counted", "FAILED", 3, Now.AddHours(-1));
        await AddAsync("counted", "COMPLETED", 4, Now.AddHours(-24));
        await AddAsync("counted", "RUNNING", 1, Now.AddHours(-2));
        await AddAsync("counted", "FAILED", 5, Now.AddHours(-24).AddSeconds(-1));
        await AddAsync("counted", "FAILED", 6, Now);

        Assert.Equal(new BlockCountRow("counted", 8, 3), Assert.Single(await _queries.CountBlocksAsync(Now.AddHours(-24), Now, Token), row => row.BlockId == "counted"));
    }

    [Fact]
    public async Task The_latest_hundred_errors_of_each_block_are_read()
    {
        await AddAsync("many", "FAILED", 30, Now.AddHours(-2), "old");
        await AddAsync("many", "FAILED", 90, Now.AddHours(-1), "new");
        await AddAsync("long", "FAILED", 1, Now.AddHours(-1), new string('x', 5000));
        await AddAsync("long", "COMPLETED", 1, Now.AddHours(-1), "no failure");
        await AddAsync("other", "FAILED", 1, Now.AddHours(-1), "other");

        var errors = (await _queries.ReadErrorsAsync(["many", "long"], Now.AddHours(-24), Now, Token)).ToLookup(error => error.BlockId, error => error.Error, StringComparer.Ordinal);

        Assert.Equal(["long", "many"], errors.Select(block => block.Key).Order(StringComparer.Ordinal));
        Assert.Equal((90, 10), (errors["many"].Count(error => error == "new"), errors["many"].Count(error => error == "old")));
        Assert.Equal(new string('x', 2000), Assert.Single(errors["long"]));
    }

    private Task<int> AddAsync(string block, string status, int count, DateTimeOffset at, string? error = "error") => fixture.Source.ExecuteAsync(
        """
        INSERT INTO node_executions (id, run_id, ordinal, node_id, block_id, status, attempt, price, added_at, error)
        SELECT gen_random_uuid(), gen_random_uuid(), i, 'node', $1, $2, 1, 0, $4, $5 FROM generate_series(1, $3) AS i
        """,
        [block, status, count, at, error],
        Token);
}

/// <summary>What the check of accuracy reads. Nothing writes a score yet, so the test does.</summary>
public sealed class AccuracyQueryTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 0, 30, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finished_executions_are_counted_by_day_with_the_mean_of_their_scores()
    {
        await AddAsync("COMPLETED", Now, """{"correctness_score":0.5}""");
        await AddAsync("FAILED", Now.AddMinutes(5), """{"correctness_score":1}""");
        await AddAsync("TERMINATED", Now.AddMinutes(6), """{"correctness_score":null}""");
        await AddAsync("COMPLETED", Now.AddMinutes(7), """{"correctness_score":"0.1"}""");
        await AddAsync("RUNNING", Now.AddMinutes(8), """{"correctness_score":0.1}""");
        await AddAsync("COMPLETED", Now.AddHours(-1), stats: null);
        await AddAsync("COMPLETED", Now.AddDays(-31), """{"correctness_score":0.1}""");

        var days = await new MonitoringQueries(fixture.Source).ReadAccuracyAsync([DatabaseFixture.AnyGraph, fixture.NextId()], ExecutionAccuracy.Since(Now), Token);

        Assert.Equal([DatabaseFixture.AnyGraph], days.Select(graph => graph.Key));
        Assert.Equal([new(new DateOnly(2026, 1, 30), 1, null), new(new DateOnly(2026, 1, 31), 4, 75)], days[DatabaseFixture.AnyGraph].OrderBy(day => day.Day));
    }

    private async Task AddAsync(string status, DateTimeOffset at, string? stats)
    {
        var id = await RunQueueTests.CreateAsync(fixture, status, at);
        await fixture.Source.ExecuteAsync("UPDATE run_head SET stats = $2::json WHERE run_id = $1", [id, stats], Token);
    }
}
