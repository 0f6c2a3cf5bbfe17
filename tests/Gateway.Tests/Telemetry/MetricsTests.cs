using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Gateway.Tests.Telemetry;

/// <summary><c>GET /metrics</c> of a whole server (contract: semantics 9.4).</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task A_run_is_counted_with_its_blocks_its_operations_and_its_requests()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        using var measurements = new Measurements(server);
        var user = server.Anybody();
        await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo()), JsonNode.Parse("""{"inputs": {"n": 5}}""")));

        var lines = await measurements.UntilAsync(
            "autogpt_graph_executions_total{status=\"COMPLETED\"} 1",
            "autogpt_graph_executions_by_user_total{status=\"COMPLETED\"} 1",
            "autogpt_block_executions_total{block_type=\"AgentNumberInputBlock\",status=\"COMPLETED\"} 1",
            "autogpt_block_executions_total{block_type=\"AgentOutputBlock\",status=\"COMPLETED\"} 1",
            "autogpt_block_duration_seconds_count{block_type=\"AgentOutputBlock\"} 1",
            "autogpt_graph_operations_total{operation=\"create\",status=\"success\"} 1",
            "autogpt_graph_operations_total{operation=\"execute\",status=\"success\"} 1",
            "autogpt_rest_api_http_requests_total{handler=\"/api/graphs\",method=\"POST\",status=\"2xx\"} 1",
            "autogpt_rest_api_http_request_duration_seconds_count{handler=\"/api/graphs/{graph_id}/execute/{graph_version}\",method=\"POST\",status=\"2xx\"} 1",
            "execution_manager_active_runs 0",
            "execution_manager_pool_size 256",
            "execution_manager_run_slots 256",
            "execution_manager_run_slots_taken 0",
            "execution_manager_runs_waiting_for_slot 0",
            "autogpt_websocket_connections_total 0",
            "execution_manager_utilization_ratio 0",
            "autogpt_run_queue_depth 0",
            "autogpt_run_queue_oldest_age_seconds 0",
            "autogpt_runs{status=\"QUEUED\"} 0",
            "autogpt_runs_stuck 0",
            "autogpt_silos{status=\"active\"} 1",
            "autogpt_service_info{service=\"rest-api\",version=\"0.1.0\"} 1");

        Assert.Contains(lines, line => line.StartsWith("autogpt_database_query_duration_seconds_count{operation=\"commit\",table=\"execution_log\"} ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("autogpt_database_query_duration_seconds_count{operation=\"insert\",table=\"runs\"} ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("autogpt_auth_attempts_total{method=\"jwt\",status=\"success\"} ", StringComparison.Ordinal));
        // Buckets of the contract.
        Assert.Equal(["0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "+Inf"], Bounds(lines, "autogpt_block_duration_seconds_bucket{block_type=\"AgentOutputBlock\""));
        Assert.Equal(["0.01", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"], Bounds(lines, "autogpt_database_query_duration_seconds_bucket{operation=\"commit\""));
        var latency = Bounds(lines, "autogpt_rest_api_http_request_duration_seconds_bucket{handler=\"/api/graphs\",method=\"POST\",status=\"2xx\"");
        Assert.Equal(("0.01", "60"), (latency[0], latency[^2]));
    }

    [Fact]
    public async Task What_fails_and_what_is_refused_is_counted_apart()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        using var measurements = new Measurements(server);
        var user = server.Anybody();
        var failing = new TestGraph("Failing").Node("bad", LiveBlocks.Step, new JsonObject { ["fail"] = "no" });
        await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(failing)));
        var stopped = await user.ExecuteAsync(await user.CreateAsync(TestGraph.Waiting("never")));
        await measurements.UntilByCommitsAsync(stopped.GetProperty("user_id").GetString()!, "execution_manager_active_runs 1");
        await user.PostAsync($"/api/graphs/{stopped.GetProperty("graph_id").GetString()}/executions/{stopped.Id()}/stop");
        await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = new JsonObject { ["name"] = "x" } });
        await user.PostAsync($"/api/graphs/{Guid.NewGuid()}/execute/1");
        await server.With("no token").GetAsync("/api/graphs");
        await user.GetAsync("/an/unknown/path");
        await user.PostAsync($"/api/blocks/{LiveBlocks.Step}/execute", new JsonObject { ["value"] = 1 });

        await measurements.UntilAsync(
            "autogpt_graph_executions_total{status=\"COMPLETED\"} 1",
            "autogpt_graph_executions_total{status=\"TERMINATED\"} 1",
            "autogpt_block_executions_total{block_type=\"Scripted\",status=\"FAILED\"} 1",
            "autogpt_block_executions_total{block_type=\"Scripted\",status=\"TERMINATED\"} 1",
            "autogpt_block_executions_total{block_type=\"Scripted\",status=\"COMPLETED\"} 1",
            "autogpt_graph_operations_total{operation=\"execute\",status=\"refused\"} 1",
            "autogpt_graph_operations_total{operation=\"create\",status=\"success\"} 2",
            "autogpt_auth_attempts_total{method=\"jwt\",status=\"failure\"} 1",
            "autogpt_rest_api_http_requests_total{handler=\"/api/graphs\",method=\"GET\",status=\"4xx\"} 1",
            "autogpt_rest_api_http_requests_total{handler=\"none\",method=\"GET\",status=\"4xx\"} 1",
            "execution_manager_active_runs 0");
    }

    [Fact]
    public async Task The_use_of_a_key_is_counted_by_its_provider()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        using var measurements = new Measurements(server);
        var user = server.Anybody();
        await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.AskingModel())));
        await measurements.UntilAsync("autogpt_api_key_usage_total{block_type=\"AITextGeneratorBlock\",provider=\"openai\",status=\"FAILED\"} 1");
    }

    [Fact]
    public async Task Too_many_requests_and_open_sockets_are_counted()
    {
        await using var server = new Server { Limit = 30 };
        await server.InitializeAsync();
        using var measurements = new Measurements(server);
        var user = server.Anybody();
        for (var i = 0; i < 32; i++) await user.GetAsync("/api/graphs");
        await using (await LiveClient.ConnectAsync(server.WebSocketAddress)) await measurements.UntilAsync("autogpt_websocket_connections_total 1");
        await measurements.UntilAsync(
            "autogpt_websocket_connections_total 0",
            "autogpt_auth_attempts_total{method=\"websocket\",status=\"success\"} 1",
            "autogpt_rate_limit_hits_total{endpoint=\"/api/graphs\"} 2");
    }

    [Fact]
    public async Task No_label_holds_a_user_an_id_or_a_path_as_it_was_sent()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        var run = await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo("A name")), JsonNode.Parse("""{"inputs": {"n": 77123}}""")));
        await user.SendAsync(new HttpMethod("FORGED"), "/forged/path");

        var text = string.Join('\n', await Measurements.ReadAsync(server));
        foreach (var secret in new[] { id, run.Id(), run.GetProperty("graph_id").GetString()!, "77123", "A name", "FORGED", "forged", "/metrics", "/health" })
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_of_the_websocket_has_the_page_too()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        using var http = new HttpClient();
        Assert.Contains("# TYPE autogpt_websocket_connections_total gauge\n", await http.GetStringAsync(new Uri(server.OwnAddress, "/metrics"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync(new Uri(server.OwnAddress, "/metrics"), null, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_foreign_host_gets_no_metrics_while_everybody_is_admin()
    {
        await using var server = new Server { Auth = false };
        await server.InitializeAsync();
        Assert.Equal(403, (await server.With(null).SendAsync(HttpMethod.Get, "/metrics", change: request => request.Headers.Host = "evil.example")).Status);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.OwnAddress, "/metrics"));
        request.Headers.Add("Origin", "http://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Switched_off_there_is_no_page()
    {
        await using var server = new Server { Metrics = false };
        await server.InitializeAsync();
        (await server.With(null).GetAsync("/metrics")).IsDetail(404);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(server.OwnAddress, "/metrics"), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_server_that_stops_is_fully_used()
    {
        await using var server = new Server();
        await server.InitializeAsync();
        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Contains("execution_manager_utilization_ratio 1", await Measurements.ReadAsync(server));
    }

    private static string[] Bounds(string[] lines, string start) =>
        [.. lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line.Split(",le=\"")[1].Split('"')[0])];

    private sealed class Server : ApiServer
    {
        private readonly int _port = FreePorts.Pair();

        public bool Metrics { get; init; } = true;

        public bool Auth { get; init; } = true;

        public int Limit { get; init; } = 1200;

        public Uri OwnAddress => new($"http://127.0.0.1:{_port}");

        public Uri WebSocketAddress => new($"ws://127.0.0.1:{_port}/ws?token={Tokens.Of(new { sub = "user-1", aud = "authenticated" }, Key)}");

        private protected override int? WebSocketPort => _port;

        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["ENABLE_METRICS"] = Metrics ? "true" : "false";
            variables["ENABLE_AUTH"] = Auth ? "true" : "false";
            variables["API_RATE_LIMIT_PER_MINUTE"] = Limit.ToString(CultureInfo.InvariantCulture);
            variables["OPENAI_API_KEY"] = "key";
            variables["OPENAI_BASE_URL"] = "http://127.0.0.1:1";
        }
    }
}
