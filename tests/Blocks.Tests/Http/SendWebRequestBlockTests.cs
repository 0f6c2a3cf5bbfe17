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
    public async Task What_is_no_address_is_refused(string url)
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
}
