using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Telemetry;

/// <summary>Sending spans and metrics to a collector.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Spans_and_metrics_arrive_at_the_collector()
    {
        Environment.SetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=from-the-environment");
        await using var collector = await OutsideServer.StartAsync();
        var trace = ActivityTraceId.CreateRandom();
        await using (var server = new Server(new Uri(collector.Origin)))
        {
            await server.InitializeAsync();
            var user = server.Anybody();
            var graph = await user.CreateAsync(TestGraph.Echo());
            var run = await user.SendAsync(HttpMethod.Post, $"/api/graphs/{graph.Id()}/execute/1", """{"inputs": {"n": 1}}""", request => request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01"));
            await user.EndAsync(run.Json);
            await server.StopAsync();
        }

        // The end of the host sends what is left.
        var spans = await collector.UntilAsync(request => request.Path == "/v1/traces" && Has(request, "graph_execution_start"));
        Assert.Equal("application/x-protobuf", spans.Headers["Content-Type"]);
        Assert.True(Has(spans, "service.name") && Has(spans, "a-service"));
        Assert.True(Has(spans, "from-the-environment"));
        var bytes = collector.Requests.Where(request => request.Path == "/v1/traces").ToList();
        foreach (var name in new[] { "node_execution", "graph_execution", "POST /api/graphs/{graph_id}/execute/{graph_version}", "AgentNumberInputBlock" })
            Assert.Contains(bytes, request => Has(request, name));
        Assert.Contains(bytes, request => request.Body.AsSpan().IndexOf(Convert.FromHexString(trace.ToHexString())) >= 0);
        var metrics = await collector.UntilAsync(request => request.Path == "/v1/metrics");
        Assert.True(Has(metrics, "autogpt_graph_executions_total") && Has(metrics, "autogpt_database_query_duration_seconds"));
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task A_collector_that_is_away_disturbs_nobody(string protocol)
    {
        await using var server = new Server(new Uri("http://127.0.0.1:1")) { Protocol = protocol };
        await server.InitializeAsync();
        var user = server.Anybody();
        var run = await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo()), JsonNode.Parse("""{"inputs": {"n": 1}}""")));
        Assert.Equal("COMPLETED", run.Text("status"));
        await server.StopAsync();
    }

    private static bool Has(OutsideServer.Received request, string text) => request.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private sealed class Server(Uri collector) : ApiServer
    {
        public string Protocol { get; init; } = "http/protobuf";

        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.AbsoluteUri;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = Protocol;
            variables["OTEL_SERVICE_NAME"] = "a-service";
        }
    }
}
