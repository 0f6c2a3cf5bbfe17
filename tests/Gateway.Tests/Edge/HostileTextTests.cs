using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Edge;

public sealed class HostileTextTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("{\"graph\": {\"name\": \"\\ud800\", \"description\": \"\"}}")]
    [InlineData("{\"graph\": {\"name\": \"x\", \"description\": \"\"}, \"source\": \"\\udc00\"}")]
    [InlineData("{\"graph\"")]
    [InlineData("nothing")]
    public async Task Text_that_no_text_can_hold_is_no_json(string body) =>
        Assert.StartsWith("json_invalid body.", Assert.Single((await server.Anybody().SendAsync(HttpMethod.Post, "/api/graphs", body)).Problems()), StringComparison.Ordinal);

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_no_json()
    {
        var answer = await server.Anybody().SendAsync(HttpMethod.Post, "/api/graphs", "", request =>
        {
            request.Content = new ByteArrayContent([(byte)'"', 0xFF, (byte)'"']);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        });
        Assert.Equal(["json_invalid body.0"], answer.Problems());
    }

    [Fact]
    public async Task What_the_database_cannot_hold_is_dropped()
    {
        var user = server.Anybody();
        var graph = (await user.SendAsync(HttpMethod.Post, "/api/graphs", """
            {"graph": {"name": "a\u0000b", "description": "", "nodes": [{"block_id": "1ff065e9-88e8-4358-9d82-8dc91f622ba9", "input_default": {"input": "c\u0001d\u0000", "x\u0000": "\ud800y"}}]}}
            """)).Json;
        Assert.Equal("ab", graph.Text("name"));
        Assert.Equal("""{"input":"cd","x":"y"}""", graph.GetProperty("nodes")[0].GetProperty("input_default").GetRawText());

        var echo = await user.CreateAsync(new TestGraph().Node("in", TestGraph.TextInput, "t").Node("out", TestGraph.Output, "o").Link("in", "result", "out", "value"));
        var started = await user.SendAsync(HttpMethod.Post, $"/api/graphs/{echo.Id()}/execute/1?preset_id=%00p", """{"inputs": {"t": "a\u0000b\ud800", "u\u0000": 1}}""");
        var run = await user.EndAsync(started.Json);
        Assert.Equal("""{"o":["ab"]}""", run.GetProperty("outputs").GetRawText());
        Assert.Equal("""{"t":"ab","u":1}""", run.GetProperty("inputs").GetRawText());
        Assert.Equal("p", run.Text("preset_id"));
    }

    [Theory]
    [InlineData("/api/graphs/%00")]
    [InlineData("/api/graphs/..%2f..%2fetc")]
    [InlineData("/api/graphs/00000000000000000000000000000000")]
    [InlineData("/api/graphs/'; DROP TABLE graphs; --")]
    public async Task A_path_that_names_nothing_is_answered_as_such(string path) =>
        Assert.InRange((await server.Anybody().GetAsync(path)).Status, 400, 404);

    [Fact]
    public async Task Html_in_an_answer_is_no_page()
    {
        var answer = await server.Anybody().PostAsync("/api/graphs", new JsonObject { ["graph"] = TestGraph.Echo("<script>alert(1)</script>").Json() });
        Assert.StartsWith("application/json", answer.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
    }
}
