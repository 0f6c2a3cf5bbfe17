using System.Diagnostics;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Tests.Http;

/// <summary>The traceparent header of requests of blocks.</summary>
public sealed class TraceparentTests
{
    private const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task A_span_that_no_listener_records_passes_on_the_context_of_the_caller_over_redirects_too()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path == "/first") context.Response.Redirect("/second");
            return Task.CompletedTask;
        });
        using var node = new Activity("node_execution").SetParentId(Caller).Start();
        node.AddBaggage("user", "somebody");
        node.TraceStateString = "vendor=1";

        await SendAsync(server, "/first");

        Assert.Equal(["/first", "/second"], server.Requests.Select(request => request.Target));
        Assert.All(server.Requests, request => Assert.Equal(Caller, request.Headers["traceparent"]));
        Assert.All(server.Requests, request => Assert.Empty(request.Headers.Keys.Intersect(["tracestate", "baggage", "Correlation-Context", "Request-Id"], StringComparer.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_span_that_a_listener_records_is_the_parent_of_the_request()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var source = new ActivitySource(nameof(A_span_that_a_listener_records_is_the_parent_of_the_request));
        using var listener = new ActivityListener { ShouldListenTo = listened => listened == source, Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        using var node = source.StartActivity("node_execution", ActivityKind.Internal, ActivityContext.Parse(Caller, null));

        await SendAsync(server, "/");

        Assert.Equal(node!.Id, Assert.Single(server.Requests).Headers["traceparent"]);
    }

    [Fact]
    public async Task A_span_without_a_listener_and_a_caller_is_not_sent()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var request = new Activity("request").Start();

        await SendAsync(server, "/");

        Assert.DoesNotContain("traceparent", Assert.Single(server.Requests).Headers.Keys);
    }

    [Fact]
    public async Task A_header_of_the_block_itself_stays()
    {
        const string Own = "00-11111111111111111111111111111111-2222222222222222-00";
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var node = new Activity("node_execution").SetParentId(Caller).Start();

        await SendAsync(server, "/", request => request.Headers.Add("traceparent", Own));

        Assert.Equal(Own, Assert.Single(server.Requests).Headers["traceparent"]);
    }

    private static async Task SendAsync(LoopbackServer server, string path, Action<HttpRequestMessage>? change = null)
    {
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [$"127.0.0.1:{server.Port}"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Origin + path);
        change?.Invoke(request);
        await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
