using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Http;

public sealed class SendWebRequestBlockTests
{
    private const string Ok = """{"http": [{"status": 200, "headers": {}, "body": "ok"}]}""";

    [Fact]
    public async Task Files_go_out_as_parts_beside_the_fields()
    {
        var run = new TestRun(JsonValues.Parse(Ok));
        run.Files.Files["note.txt"] = "from the run"u8.ToArray();

        var (outputs, _) = await run.RunAsync(new SendWebRequestBlock(), JsonValues.Parse("""
            {"url": "https://api.example.com/up", "json_format": false, "files_name": "do\"cs", "headers": {"Content-Type": "text/plain"},
             "body": {"a": "1", "n": 2, "o": {"x": true}, "z": null}, "files": ["note.txt", "data:image/png;base64,MQ=="]}
            """));

        Assert.Equal("response", Assert.Single(outputs).Pin);
        var sent = Assert.Single(run.Http.Requests);
        Assert.Equal("multipart/form-data", sent.ContentType);
        Assert.Contains("name=\"a\"\r\n\r\n1\r\n", sent.Body, StringComparison.Ordinal);
        Assert.Contains("name=\"n\"\r\n\r\n2\r\n", sent.Body, StringComparison.Ordinal);
        Assert.Contains("name=\"o\"\r\n\r\n{\"x\":true}\r\n", sent.Body, StringComparison.Ordinal);
        Assert.Contains("name=\"do%22cs\"; filename=\"note.txt\"\r\n\r\nfrom the run\r\n", sent.Body, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain", sent.Body, StringComparison.Ordinal);
        Assert.Contains("Content-Type: image/png", sent.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_headers_win_but_do_not_break_the_message()
    {
        var run = new TestRun(JsonValues.Parse(Ok));

        await run.RunAsync(new SendWebRequestBlock(), JsonValues.Parse("""
            {"url": "https://api.example.com/", "body": {"a": 1}, "headers": {"content-type": "application/vnd.api+json", "Authorization": "Basic eA==", "Content-Length": "1", "Transfer-Encoding": "chunked"}}
            """));

        var sent = Assert.Single(run.Http.Requests);
        Assert.Equal("application/vnd.api+json", sent.ContentType);
        Assert.Equal("Basic eA==", sent.Headers["Authorization"]);
        Assert.DoesNotContain("Transfer-Encoding", sent.Headers.Keys);
        Assert.NotEqual("1", sent.Headers.GetValueOrDefault("Content-Length"));
    }

    [Theory]
    [InlineData("X-A", "b\r\nX-C: d")]
    [InlineData("X A", "b")]
    [InlineData("", "b")]
    public async Task A_header_that_would_split_the_message_is_refused(string name, string value)
    {
        var run = new TestRun();
        var input = JsonValues.Object(
            KeyValuePair.Create("url", JsonValues.From("https://api.example.com/")),
            KeyValuePair.Create("headers", JsonValues.Object(KeyValuePair.Create(name, JsonValues.From(value)))));

        var (_, failure) = await run.RunAsync(new SendWebRequestBlock(), input);

        Assert.Equal(BlockFailureKind.Execution, failure!.Kind);
        Assert.Empty(run.Http.Requests);
    }

    [Theory]
    [InlineData("example.com/a", "http://example.com/a")]
    [InlineData(" https://example.com ", "https://example.com/")]
    public async Task An_address_may_leave_its_scheme_out(string url, string expected)
    {
        var run = new TestRun(JsonValues.Parse(Ok));

        await run.RunAsync(new SendWebRequestBlock(), JsonValues.Object(KeyValuePair.Create("url", JsonValues.From(url))));

        Assert.Equal(expected, Assert.Single(run.Http.Requests).Url);
    }

    [Theory]
    [InlineData("https://")]
    [InlineData("")]
    [InlineData("http://exa mple/")]
    public async Task A_text_that_is_no_address_is_refused(string url)
    {
        var (_, failure) = await new TestRun().RunAsync(new SendWebRequestBlock(), JsonValues.Object(KeyValuePair.Create("url", JsonValues.From(url))));

        Assert.Equal(BlockFailureKind.Execution, failure!.Kind);
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8", "caf\u00e9", "caf\u00e9")]
    [InlineData("text/plain; charset=\"windows-1252\"", "\u0080", "€")]
    [InlineData("text/plain; charset=no-such", "abc", "abc")]
    [InlineData("nonsense", "abc", "abc")]
    [InlineData("", "\ufeffabc", "abc")]
    public void Text_is_read_by_its_charset(string contentType, string sent, string expected)
    {
        var bytes = contentType.Contains("1252", StringComparison.Ordinal) ? Encoding.Latin1.GetBytes(sent) : Encoding.UTF8.GetBytes(sent);

        Assert.Equal(expected, new OutgoingReply(200, contentType, bytes, new Uri("http://example.com")).Value().GetString());
    }

    [Fact]
    public void JSON_is_read_in_its_order_with_its_numbers_as_they_are()
    {
        var reply = new OutgoingReply(200, "application/json", Encoding.UTF8.GetBytes("""{"b": 1.0, "a": [2]}"""), new Uri("http://example.com"));

        Assert.Equal("""{"b":1.0,"a":[2]}""", JsonValues.Compact(reply.Value()));
        Assert.Equal(JsonValueKind.Null, (reply with { Status = 204, Body = default }).Value().ValueKind);
    }

    [Theory]
    [InlineData("application/json", "", "null")]
    [InlineData("application/json", " \r\n\t ", "null")]
    [InlineData("application/json", "\ufeff", "null")]
    [InlineData("application/json; charset=utf-8", "", "null")]
    [InlineData("APPLICATION/JSON;charset=\"utf-8\"", "\ufeff [1]\r\n", "[1]")]
    [InlineData("application/json; charset=no-such", "{\"a\":\"é\"}", "{\"a\":\"é\"}")]
    [InlineData("application/json", "null", "null")]
    [InlineData("application/json", "\"\"", "\"\"")]
    [InlineData("text/plain", "", "\"\"")]
    [InlineData("text/html; charset=utf-8", " ", "\" \"")]
    [InlineData(null, "", "\"\"")]
    [InlineData("application/problem+json", "", "\"\"")]
    [InlineData("application/problem+json", "{\"title\":1}", "\"{\\\"title\\\":1}\"")]
    [InlineData("application/vnd.api+json", "[]", "\"[]\"")]
    public void A_body_is_JSON_when_its_type_begins_with_application_json_and_null_when_that_is_blank(string? contentType, string body, string expected)
    {
        foreach (var status in (int[])[200, 201, 404, 500])
            Assert.Equal(expected, JsonValues.Compact(new OutgoingReply(status, contentType, Encoding.UTF8.GetBytes(body), new Uri("http://example.com")).Value()));
    }

    [Fact]
    public void JSON_is_read_by_its_charset()
    {
        var reply = new OutgoingReply(200, "application/json; charset=utf-16", Encoding.Unicode.GetBytes("""{"a":"é"}"""), new Uri("http://example.com"));

        Assert.Equal("""{"a":"é"}""", JsonValues.Compact(reply.Value()));
    }

    [Theory]
    [InlineData("HEAD", 200, "Content-Type: application/json\r\nContent-Length: 12", "response", "null")]
    [InlineData("HEAD", 200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 40", "response", "null")]
    [InlineData("HEAD", 200, "Content-Type: text/html\r\nContent-Encoding: br", "response", "\"\"")]
    [InlineData("HEAD", 404, "Content-Type: application/json", "client_error", "null")]
    [InlineData("GET", 200, "Content-Type: application/json\r\nContent-Length: 0", "response", "null")]
    [InlineData("GET", 200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 0", "response", "null")]
    [InlineData("GET", 200, "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0", "response", "null")]
    [InlineData("POST", 201, "Content-Length: 0", "response", "\"\"")]
    [InlineData("DELETE", 204, "Content-Type: application/json", "response", "null")]
    [InlineData("PUT", 204, "X-Nothing: else", "response", "\"\"")]
    [InlineData("GET", 304, "Content-Type: application/json", "server_error", "null")]
    [InlineData("GET", 304, "X-Nothing: else", "server_error", "\"\"")]
    [InlineData("POST", 500, "Content-Type: application/json\r\nContent-Length: 0", "server_error", "null")]
    public async Task An_answer_without_a_body_is_a_value_of_its_pin(string method, int status, string headers, string pin, string expected)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync($"HTTP/1.1 {status} Status\r\n{headers}\r\n\r\n");
        });
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [server.Origin] });
        var run = new TestRun(http: http);
        var input = JsonValues.Object(KeyValuePair.Create("url", JsonValues.From(server.Origin)), KeyValuePair.Create("method", JsonValues.From(method)));

        var (outputs, failure) = await run.RunAsync(new SendWebRequestBlock(), input);

        Assert.Null(failure);
        var output = Assert.Single(outputs);
        Assert.Equal((pin, expected), (output.Pin, JsonValues.Compact(output.Value)));
    }

    [Fact]
    public async Task A_step_that_was_lost_fails_with_a_text_that_says_the_request_may_have_been_received()
    {
        await using var server = new RawServer(connection => connection.ReceiveAsync());
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [server.Origin] });
        var run = new TestRun(http: http);

        var (outputs, failure) = await run.RunAsync(new SendWebRequestBlock(), JsonValues.Object(KeyValuePair.Create("url", JsonValues.From(server.Origin))));

        Assert.Empty(outputs);
        Assert.Equal(BlockFailureKind.Execution, failure!.Kind);
        Assert.Contains(
            "The request to 127.0.0.1 failed: The connection was closed before an answer came. The POST request may have been received; it was not sent again.",
            failure.Message,
            StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }
}
