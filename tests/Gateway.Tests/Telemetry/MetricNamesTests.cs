using System.Diagnostics.Metrics;
using Grainflow.Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Telemetry;

/// <summary>The names, kinds and labels of all metrics, read over HTTP as a scraper does (contract: semantics 9.4). An exporter that adds a suffix or a label breaks dashboards.</summary>
public sealed class MetricNamesTests
{
    private static readonly string[] Contract =
    [
        "autogpt_api_key_usage_total counter block_type,provider,status",
        "autogpt_auth_attempts_total counter method,status",
        "autogpt_block_duration_seconds histogram block_type",
        "autogpt_block_executions_total counter block_type,status",
        "autogpt_credits_spent_total counter block_type",
        "autogpt_database_query_duration_seconds histogram operation,table",
        "autogpt_graph_executions_by_user_total counter status",
        "autogpt_graph_executions_total counter status",
        "autogpt_graph_operations_total counter operation,status",
        "autogpt_rate_limit_hits_total counter endpoint",
        "autogpt_rest_api_http_request_duration_seconds histogram handler,method,status",
        "autogpt_rest_api_http_requests_total counter handler,method,status",
        "autogpt_run_queue_depth gauge ",
        "autogpt_run_queue_oldest_age_seconds gauge ",
        "autogpt_runs gauge status",
        "autogpt_runs_stuck gauge ",
        "autogpt_scheduler_jobs gauge job_type,status",
        "autogpt_service_info gauge service,version",
        "autogpt_silos gauge status",
        "autogpt_system_credential_uses_total counter provider",
        "autogpt_websocket_connections_total gauge ",
        "execution_manager_abandoned_blocks gauge ",
        "execution_manager_active_runs gauge ",
        "execution_manager_pool_size gauge ",
        "execution_manager_run_slots gauge ",
        "execution_manager_run_slots_taken gauge ",
        "execution_manager_runs_waiting_for_slot gauge ",
        "execution_manager_unresumed_runs gauge ",
        "execution_manager_utilization_ratio gauge ",
    ];

    [Fact]
    public async Task The_page_has_the_metrics_of_the_contract_under_their_names_and_no_others()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        using var measurements = new Measurements(server);
        var user = server.Anybody();
        await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.AskingModel())));
        var eager = server.Anybody();
        for (var i = 0; i < 32; i++) await eager.GetAsync("/api/graphs");
        var lines = await measurements.UntilAsync(
            "autogpt_api_key_usage_total{block_type=\"AITextGeneratorBlock\",provider=\"openai\",status=\"FAILED\"} 1",
            "autogpt_rate_limit_hits_total{endpoint=\"/api/graphs\"} 2");

        Assert.Equal(Contract, Described(lines));
    }

    [Fact]
    public async Task The_metrics_of_another_server_in_the_process_are_not_on_the_page()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        await using var other = new Server();
        await other.InitializeAsync();
        other.Services.GetRequiredService<IMeterFactory>().Create("Grainflow").CreateCounter<long>("of_another_server_total").Add(1);
        server.Services.GetRequiredService<IMeterFactory>().Create("Grainflow").CreateCounter<long>("of_this_server_total").Add(1);
        server.Services.GetRequiredService<IMeterFactory>().Create("Other").CreateCounter<long>("of_another_meter_total").Add(1);

        var lines = await Measurements.ReadAsync(server);
        Assert.Contains("of_this_server_total 1", lines);
        Assert.DoesNotContain(lines, line => line.Contains("of_another", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_metric_with_too_many_series_counts_the_rest_in_one()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        var counter = server.Services.GetRequiredService<IMeterFactory>().Create("Grainflow").CreateCounter<long>("crowded_total");
        for (var i = 0; i < 3_000; i++) counter.Add(1, new KeyValuePair<string, object?>("label", i));

        var lines = (await Measurements.ReadAsync(server)).Where(line => line.StartsWith("crowded_total{", StringComparison.Ordinal)).ToList();
        Assert.Equal(2_000, lines.Count(line => line.EndsWith(" 1", StringComparison.Ordinal)));
        Assert.Contains("crowded_total{otel_metric_overflow=\"true\"} 1000", lines);
    }

    // Name, kind and labels of each metric; the parts of a histogram are one, and its bound is no label.
    private static string[] Described(string[] lines)
    {
        var kinds = lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToDictionary(parts => parts[2], parts => parts[3], StringComparer.Ordinal);
        var samples = lines.Where(line => line.Length > 0 && line[0] != '#').Select(line => (Name: line[..line.IndexOfAny(['{', ' '])], Labels: LabelsOf(line)));
        return
        [
            .. samples
                .Select(sample => (Name: kinds.ContainsKey(sample.Name) ? sample.Name : sample.Name[..sample.Name.LastIndexOf('_')], sample.Labels))
                .Select(sample => $"{sample.Name} {kinds[sample.Name]} {sample.Labels}")
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string LabelsOf(string line)
    {
        if (line.IndexOf('{', StringComparison.Ordinal) is var open && open < 0) return "";
        var labels = line[(open + 1)..line.LastIndexOf('}')].Split("\",").Select(label => label.Split('=')[0]);
        return string.Join(',', labels.Where(label => label != "le").Order(StringComparer.Ordinal));
    }

    private sealed class Server : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["API_RATE_LIMIT_PER_MINUTE"] = "30";
            variables["OPENAI_API_KEY"] = "key";
            variables["OPENAI_BASE_URL"] = "http://127.0.0.1:1";
        }
    }
}
