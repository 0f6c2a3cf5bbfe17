using System.Diagnostics;
using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.Telemetry;

/// <summary>From a caller's <c>traceparent</c> over REST to the one on a block's request.</summary>
public sealed class TraceTests
{
    private const string Secret = "marked-5e7b";

    [Fact]
    public async Task The_trace_goes_through_from_the_caller_to_what_a_block_calls()
    {
        await using var outside = await OutsideServer.StartAsync();
        await using var collector = await OutsideServer.StartAsync();
        await using var server = new Server(outside, collector);
        await server.InitializeAsync();
        // Listens after the server, which then has finished a span when it is recorded here.
        using var recorded = new RecordedSpans("Grainflow", "Microsoft.AspNetCore");
        var caller = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        await CallOutAsync(server, outside, $"00-{caller.TraceId}-{caller.SpanId}-01");

        var spans = await recorded.UntilAsync(
            span => span.TraceId == caller.TraceId,
            spans => spans.Any(span => span.OperationName == "graph_execution") && spans.Any(span => span.OperationName == "node_execution") && spans.Count(IsRequest) == 2);
        var request = spans.Single(span => IsRequest(span) && span.ParentSpanId == caller.SpanId);
        Assert.Equal("POST /api/graphs/{graph_id}/execute/{graph_version}", request.DisplayName);
        Assert.Equal(
            [
                ("http.request.method", "POST"), ("http.response.status_code", 200), ("http.route", "/api/graphs/{graph_id}/execute/{graph_version}"),
                ("network.protocol.version", "1.1"), ("url.scheme", "http"),
            ],
            request.TagObjects.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value)));
        var start = spans.Single(span => span.OperationName == "graph_execution_start");
        Assert.Equal(request.SpanId, start.ParentSpanId);
        var node = spans.Single(span => span.OperationName == "node_execution");
        Assert.Equal((start.SpanId, "SendWebRequestBlock", "COMPLETED"), (node.ParentSpanId, node.GetTagItem("grainflow.block"), node.GetTagItem("grainflow.status")));
        Assert.Equal(node.Id, Assert.Single(outside.Requests).Headers["traceparent"]);
        Assert.Single(spans, span => IsRequest(span) && span.ParentSpanId == node.SpanId);
        Assert.DoesNotContain(Secret, string.Join('\n', spans.Select(RecordedSpans.Describe)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_runs_by_itself_stands_below_its_request()
    {
        await using var outside = await OutsideServer.StartAsync();
        await using var collector = await OutsideServer.StartAsync();
        await using var server = new Server(outside, collector);
        await server.InitializeAsync();
        using var recorded = new RecordedSpans("Grainflow", "Microsoft.AspNetCore");
        var trace = ActivityTraceId.CreateRandom();
        var answer = await server.Anybody().SendAsync(
            HttpMethod.Post, "/api/blocks/6595ae1f-b924-42cb-9a41-551a0611c4b4/execute", new JsonObject { ["url"] = outside.Origin + "/" + Secret }.ToJsonString(),
            request => request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01"));
        Assert.True(answer.Status == 200, answer.Text);

        var spans = await recorded.UntilAsync(span => span.TraceId == trace, spans => spans.Any(span => span.OperationName == "block_execution") && spans.Count(IsRequest) == 2);
        var block = spans.Single(span => span.OperationName == "block_execution");
        Assert.Equal((spans.Single(span => span.DisplayName.StartsWith("POST ", StringComparison.Ordinal)).SpanId, "COMPLETED"), (block.ParentSpanId, block.GetTagItem("grainflow.status")));
        Assert.Equal(block.Id, Assert.Single(outside.Requests).Headers["traceparent"]);
    }

    [Fact]
    public async Task A_call_to_a_model_carries_the_span_of_its_node()
    {
        using var recorded = new RecordedSpans("Grainflow");
        await using var outside = await OutsideServer.StartAsync();
        await using var server = new Server(outside);
        await server.InitializeAsync();
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph("Asks").Node("ask", "1f292d4a-41a4-4977-9684-7c8d560b9f91", new JsonObject
        {
            ["prompt"] = "hello",
            ["model"] = "gpt-4o-mini",
            ["retry"] = 1,
            ["credentials"] = new JsonObject { ["id"] = SystemCredentials.Ids["openai"], ["provider"] = "openai", ["type"] = "api_key", ["title"] = "x" },
        }));
        var run = await user.EndAsync(await user.ExecuteAsync(graph));

        var node = (await recorded.UntilAsync(span => span.OperationName == "node_execution" && (string?)span.GetTagItem("grainflow.run_id") == run.Id(), spans => spans.Count == 1))[0];
        Assert.Equal([node.Id], outside.Requests.Select(request => request.Headers["traceparent"]).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Sockets_and_probes_are_left_out_and_no_span_holds_an_address_as_it_was_sent()
    {
        await using var outside = await OutsideServer.StartAsync();
        await using var collector = await OutsideServer.StartAsync();
        await using var server = new Server(outside, collector);
        await server.InitializeAsync();
        using var recorded = new RecordedSpans("Microsoft.AspNetCore");
        var trace = ActivityTraceId.CreateRandom();
        var token = Tokens.Of(new { sub = "user-1", aud = "authenticated" }, ApiServer.Key);
        using (var socket = new System.Net.WebSockets.ClientWebSocket())
        {
            socket.Options.SetRequestHeader("traceparent", $"00-{trace}-b7ad6b7169203331-01");
            await socket.ConnectAsync(new Uri(server.Address.Replace("http", "ws", StringComparison.Ordinal) + "/ws?token=" + token), TestContext.Current.CancellationToken);
        }


        await server.With(null).SendAsync(HttpMethod.Get, "/health/ready", change: request => request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01"));
        await server.With(null).SendAsync(new HttpMethod("FORGED"), $"/{Secret}?secret={token}", change: request =>
        {
            request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
            request.Headers.Add("User-Agent", Secret);
        });

        var spans = await recorded.UntilAsync(span => span.TraceId == trace, spans => spans.Count >= 3);
        Assert.Equal([false, false, true], spans.Select(span => span.Recorded).Order());
        Assert.Equal("HTTP", spans.Single(span => span.Recorded).DisplayName);
        var text = string.Join('\n', spans.Select(RecordedSpans.Describe));
        Assert.DoesNotContain(token, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain("FORGED", text, StringComparison.Ordinal);
    }

    /// <summary>Runs a graph of one request, and waits for its end.</summary>
    internal static async Task CallOutAsync(ApiServer server, OutsideServer outside, string? traceParent)
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph("Calls out").Node("call", "6595ae1f-b924-42cb-9a41-551a0611c4b4", new JsonObject { ["url"] = $"{outside.Origin}/{Secret}?{Secret}", ["headers"] = new JsonObject { ["X-Secret"] = Secret } }));
        var answer = await user.SendAsync(HttpMethod.Post, $"/api/graphs/{graph.Id()}/execute/1", """{"inputs": {}}""", request =>
        {
            if (traceParent is not null) request.Headers.Add("traceparent", traceParent);
        });
        Assert.True(answer.Status == 200, answer.Text);
        var run = await user.EndAsync(answer.Json);
        Assert.Equal("COMPLETED", run.Text("status"));
        Assert.All(run.GetProperty("node_executions").EnumerateArray(), node => Assert.Equal("COMPLETED", node.Text("status")));
    }

    private static bool IsRequest(Activity span) => span.Source.Name == "Microsoft.AspNetCore";

    internal sealed class Server(OutsideServer outside, OutsideServer? collector = null) : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["TRUST_ENDPOINTS_FOR_REQUESTS"] = $"127.0.0.1:{outside.Port}";
            variables["OPENAI_BASE_URL"] = outside.Origin + "/v1";
            variables["OPENAI_API_KEY"] = "key";
            if (collector is not null) variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Origin;
        }
    }
}
