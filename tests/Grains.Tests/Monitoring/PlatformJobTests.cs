using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Monitoring;

/// <summary>The rows of semantics 5.1, each by its name, and what sections 9.1 to 9.3 write when they run on rows.</summary>
public sealed class PlatformJobTests
{
    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData(SystemTaskNames.WeeklySummary, 3600)]
    [InlineData(SystemTaskNames.ExistingBatches, null)]
    [InlineData(SystemTaskNames.LateExecutions, 300)]
    [InlineData(SystemTaskNames.BlockErrorRates, 86_400)]
    [InlineData(SystemTaskNames.ExpiredFiles, 6 * 3600)]
    [InlineData(SystemTaskNames.OAuthTokens, 6 * 3600)]
    [InlineData(SystemTaskNames.ExecutionAccuracy, 24 * 3600)]
    [InlineData(SystemTaskNames.Embeddings, 6 * 3600)]
    [InlineData(SystemTaskNames.Reconciliation, 86_400)]
    [InlineData(SystemTaskNames.PendingPayments, 60)]
    [InlineData(SystemTaskNames.Webhooks, 3600)]
    public async Task Each_platform_job_is_due_after_its_interval(string name, int? seconds)
    {
        await using var cluster = await StartAsync();
        Assert.Equal(seconds is { } interval ? _clock.GetUtcNow().AddSeconds(interval) : null, (await cluster.Grains.GetGrain<ISystemTaskGrain>(name).Look()).DueAt);
    }

    [Fact]
    public async Task Only_the_embeddings_run_at_each_start()
    {
        await using var cluster = await StartAsync();
        Assert.Equal([SystemTaskNames.Embeddings], cluster.Services.GetRequiredService<SystemTasks>().All.Where(task => task.RunsAtStart).Select(task => task.Name));
        Assert.Equal(SystemTaskNames.All, cluster.Services.GetRequiredService<SystemTasks>().All.Select(task => task.Name).Where(name => name != TestTask.Key));
    }

    [Theory]
    [InlineData(SystemTaskNames.WeeklySummary, "\"No summaries were queued: notifications are not built yet.\"")]
    [InlineData(SystemTaskNames.ExistingBatches, "\"No batches were sent: notifications are not built yet.\"")]
    [InlineData(SystemTaskNames.LateExecutions, "\"No late executions detected.\"")]
    [InlineData(SystemTaskNames.BlockErrorRates, "\"All clear: no block with 10 executions or more failed in the last 24 hours as often as would be shown.\"")]
    [InlineData(SystemTaskNames.ExpiredFiles, "7")]
    [InlineData(SystemTaskNames.OAuthTokens, "0")]
    [InlineData(SystemTaskNames.ExecutionAccuracy, "\"No marketplace graphs: nothing was checked.\"")]
    [InlineData(SystemTaskNames.Reconciliation, """{"wallets":0,"ledger_rows":0,"payments":0,"payments_at_provider":null,"difference_count":0,"differences":[]}""")]
    [InlineData(SystemTaskNames.Embeddings, """{"backfill":{"processed":0,"success":0,"failed":0},"cleanup":{"deleted":0},"error":"Nothing was done: the search and its embeddings are not built yet."}""")]
    [InlineData(SystemTaskNames.Webhooks, "\"0 old deliveries were deleted; 0 unused webhooks were pruned.\"")]
    [InlineData(SystemTaskNames.PendingPayments, "\"Payments are not set up on this server: STRIPE_API_KEY is not set.\"")]
    public async Task Each_platform_job_can_be_triggered_and_reports_its_result(string name, string result)
    {
        await using var cluster = await StartAsync();
        cluster.Tasks.Files = 7;
        var answer = await cluster.Grains.GetGrain<ISystemTaskGrain>(name).Trigger();
        Assert.Equal((true, null, result), (answer.HasRun, answer.Status.Error, Text(answer.Status)));
    }

    [Fact]
    public async Task Late_executions_are_reported_once_and_named_until_they_are_resolved()
    {
        await using var cluster = await StartAsync();
        var runId = Guid.NewGuid();
        await using var add = cluster.Database.DataSource.CreateCommand(
            """
            INSERT INTO runs (id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, created_at, started_at)
            VALUES ($1, 'user', gen_random_uuid(), 1, 'RUNNING', '{}', '{}', $1, $2, $2)
            """);
        add.Parameters.AddWithValue(runId);
        add.Parameters.AddWithValue(_clock.GetUtcNow());
        await add.ExecuteNonQueryAsync();
        var task = cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.LateExecutions);
        _clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal("\"No late executions detected.\"", Text((await task.Trigger()).Status));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains($"execution {runId}", Text((await task.Trigger()).Status), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal("\"No new late executions; 1 reported before are still late.\"", Text((await task.Trigger()).Status));
        var row = Assert.Single(await EventsAsync(cluster));
        Assert.Equal(("LATE_EXECUTIONS", "platform", 1), (row.Type, row.Channel, row.Data.GetProperty("new").GetInt32()));
        await cluster.Log.UntilAsync("LATE_EXECUTIONS", 1);

        await cluster.Database.DataSource.CreateCommand("UPDATE runs SET status = 'COMPLETED'").ExecuteNonQueryAsync();
        Assert.Equal("\"No late executions detected.\"", Text((await task.Trigger()).Status));
        Assert.Equal(0L, await cluster.Database.DataSource.CreateCommand("SELECT count(*) FROM late_executions").ExecuteScalarAsync());
    }

    [Fact]
    public async Task Blocks_that_fail_often_are_reported_by_name_with_masked_errors()
    {
        await using var cluster = await StartAsync();
        await AddFailuresAsync(cluster, TestBlocks.Failing, 12);
        await AddFailuresAsync(cluster, "11111111-1111-4111-8111-111111111111", 10);
        await AddFailuresAsync(cluster, TestBlocks.Step, 9);

        await cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.BlockErrorRates).Trigger();

        var row = Assert.Single(await EventsAsync(cluster));
        Assert.Equal(("BLOCK_ERROR_RATES", "platform", "over_limit"), (row.Type, row.Channel, row.Data.GetProperty("kind").GetString()));
        Assert.Equal(
            [("Failing", 12, "no host X"), ("11111111-1111-4111-8111-111111111111", 10, "no host X")],
            row.Data.GetProperty("blocks").EnumerateArray().Select(block => (block.GetProperty("block_name").GetString()!, block.GetProperty("failed").GetInt32(), block.GetProperty("samples")[0].GetProperty("error").GetString()!)));
    }

    [Fact]
    public async Task A_check_of_error_rates_that_fails_is_reported_itself()
    {
        await using var cluster = await StartAsync();
        await cluster.Database.DataSource.CreateCommand("ALTER TABLE node_executions RENAME COLUMN added_at TO added").ExecuteNonQueryAsync();

        Assert.NotNull((await cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.BlockErrorRates).Trigger()).Status.Error);

        Assert.Equal("check_failed", Assert.Single(await EventsAsync(cluster)).Data.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Agents_of_a_marketplace_that_became_less_accurate_are_reported_in_the_product_channel()
    {
        var graphs = new[] { new MarketplaceGraph(Guid.NewGuid(), "worse"), new MarketplaceGraph(Guid.NewGuid(), "as good"), new MarketplaceGraph(Guid.NewGuid(), "rare") };
        await using var cluster = await StartAsync(services => services.AddSingleton<IMarketplaceGraphs>(new Marketplace(graphs)));
        for (var ago = 0; ago < 10; ago++)
        {
            await AddScoreAsync(cluster, graphs[0].Id, ago, ago < 3 ? 0.5 : 1);
            await AddScoreAsync(cluster, graphs[1].Id, ago, 0.9);
            if (ago < 9) await AddScoreAsync(cluster, graphs[2].Id, ago, ago < 3 ? 0 : 1);
        }

        var answer = await cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.ExecutionAccuracy).Trigger();

        Assert.Equal("\"2 of 3 marketplace graphs had enough executions; 1 have become less accurate.\"", Text(answer.Status));
        var row = Assert.Single(await EventsAsync(cluster));
        Assert.Equal(("EXECUTION_ACCURACY", "product", "worse"), (row.Type, row.Channel, row.Data.GetProperty("agent_name").GetString()));
    }

    [Fact]
    public async Task The_jobs_are_a_metric_by_what_they_do()
    {
        await using var cluster = await StartAsync();
        var jobs = new Dictionary<string, string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        var meters = cluster.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == "autogpt_scheduler_jobs") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => jobs[$"{tags[0].Key} {tags[0].Value}"] = $"{tags[1].Key} {tags[1].Value} {value}");
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal("status on_request 1", jobs["job_type report_late_executions"]);
        Assert.Equal(SystemTaskNames.All.Count + 1, jobs.Count);
    }

    private static string? Text(SystemTaskStatus status) => status.Result is { } result ? Encoding.UTF8.GetString(result.Memory.Span) : null;

    private Task<GrainCluster> StartAsync(Action<IServiceCollection>? services = null) => GrainCluster.StartAsync(new ClusterSetup { Clock = _clock, HasTasks = true, Services = services });

    private static async Task<List<(string Type, string Channel, JsonElement Data)>> EventsAsync(GrainCluster cluster)
    {
        var rows = new List<(string, string, JsonElement)>();
        await using var reader = await cluster.Database.DataSource.CreateCommand("SELECT type, channel, data::text FROM notification_events ORDER BY created_at, key").ExecuteReaderAsync();
        while (await reader.ReadAsync()) rows.Add((reader.GetString(0), reader.GetString(1), JsonElement.Parse(reader.GetString(2))));
        return rows;
    }

    private async Task AddFailuresAsync(GrainCluster cluster, string block, int count)
    {
        await using var command = cluster.Database.DataSource.CreateCommand(
            """
            INSERT INTO node_executions (id, run_id, ordinal, node_id, block_id, status, attempt, price, added_at, error)
            SELECT gen_random_uuid(), gen_random_uuid(), i, 'node', $1, 'FAILED', 1, 0, $3, 'no host ' || i FROM generate_series(1, $2) AS i
            """);
        command.Parameters.AddWithValue(block);
        command.Parameters.AddWithValue(count);
        command.Parameters.AddWithValue(_clock.GetUtcNow().AddHours(-1));
        await command.ExecuteNonQueryAsync();
    }

    private async Task AddScoreAsync(GrainCluster cluster, Guid graphId, int daysAgo, double score)
    {
        await using var command = cluster.Database.DataSource.CreateCommand(
            """
            WITH run AS (
              INSERT INTO runs (id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, created_at)
              VALUES (gen_random_uuid(), 'user', $1, 1, 'COMPLETED', '{}', '{}', gen_random_uuid(), $2) RETURNING id
            )
            INSERT INTO run_head (run_id, epoch, last_seq, status, stats) SELECT id, 1, 1, 'COMPLETED', json_build_object('correctness_score', $3::float8) FROM run
            """);
        command.Parameters.AddWithValue(graphId);
        command.Parameters.AddWithValue(_clock.GetUtcNow().AddDays(-daysAgo));
        command.Parameters.AddWithValue(score);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Marketplace(IReadOnlyList<MarketplaceGraph> graphs) : IMarketplaceGraphs
    {
        public Task<IReadOnlyList<MarketplaceGraph>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(graphs);
    }
}
