using System.IO.Compression;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Edge;

public sealed class EdgeTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task An_unknown_route_is_not_found()
    {
        foreach (var path in new[] { "/nothing", "/api/graphs/a/b/c/d", "/nothing/" })
        {
            var answer = await server.Anybody().GetAsync(path);
            Assert.Equal((404, """{"detail":"Not Found"}"""), (answer.Status, answer.Text));
        }
    }

    [Theory]
    [InlineData("PATCH", "/api/graphs", "GET, POST")]
    [InlineData("PUT", "/api/blocks", "GET")]
    [InlineData("POST", "/health", "GET")]
    public async Task A_method_that_a_route_lacks_is_refused_with_those_it_has(string method, string path, string allowed)
    {
        var answer = await server.Anybody().SendAsync(new HttpMethod(method), path);
        Assert.Equal((405, """{"detail":"Method Not Allowed"}"""), (answer.Status, answer.Text));
        Assert.Equal(allowed, answer.Headers["Allow"]);
    }

    [Fact]
    public async Task A_slash_too_many_is_redirected_with_its_query()
    {
        var answer = await server.Anybody().GetAsync("/api/graphs/?x=1%202");
        Assert.Equal((307, ""), (answer.Status, answer.Text));
        Assert.EndsWith("/api/graphs?x=1%202", answer.Headers["Location"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_keeps_browsers_from_guessing_framing_and_storing()
    {
        foreach (var path in new[] { "/api/graphs", "/nothing", "/docs", "/health" })
        {
            var headers = (await server.Anybody().GetAsync(path)).Headers;
            Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
            Assert.Equal("DENY", headers["X-Frame-Options"]);
            Assert.Equal("no-referrer", headers["Referrer-Policy"]);
            Assert.Contains("frame-ancestors 'none'", headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.Equal("no-store", headers["Cache-Control"]);
            Assert.False(headers.ContainsKey("Server"));
        }
    }

    [Fact]
    public async Task Pages_of_the_settings_may_call_and_others_not()
    {
        var allowed = await PreflightAsync("http://localhost:3000");
        Assert.Equal(204, allowed.Status);
        Assert.Equal("http://localhost:3000", allowed.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("true", allowed.Headers["Access-Control-Allow-Credentials"]);
        Assert.False((await PreflightAsync("http://evil.example")).Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Answers_are_compressed_when_asked_for()
    {
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.None });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address + "/openapi.json");
        request.Headers.AcceptEncoding.Add(new("gzip"));
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
        await using var text = new GZipStream(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        using var document = await System.Text.Json.JsonDocument.ParseAsync(text, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("3.1.0", document.RootElement.GetProperty("openapi").GetString());
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        // The client waits for leave to send, so that the answer is not lost in a broken pipe.
        var body = new string(' ', 22 * 1024 * 1024);
        var answer = await server.Anybody().SendAsync(HttpMethod.Post, "/api/graphs", body, request => request.Headers.ExpectContinue = true);
        answer.IsDetail(413);
    }

    [Fact]
    public async Task A_body_that_nests_too_deep_is_no_json()
    {
        var answer = await server.Anybody().SendAsync(HttpMethod.Post, "/api/graphs", new string('[', 600) + new string(']', 600));
        Assert.StartsWith("json_invalid", Assert.Single(answer.Problems()), StringComparison.Ordinal);
    }

    private Task<Answer> PreflightAsync(string origin) => server.With(null).SendAsync(HttpMethod.Options, "/api/graphs", change: request =>
    {
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
    });
}
