using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.Auth;

public sealed class TenancyTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly long Later = DateTimeOffset.Parse("2100-01-01T00:00:00Z").ToUnixTimeSeconds();
    private static readonly long Earlier = DateTimeOffset.Parse("2000-01-01T00:00:00Z").ToUnixTimeSeconds();

    /// <summary>Every route that is not public, with what it answers about something that the caller does not have.</summary>
    public static TheoryData<string, string, int> Routes => new()
    {
        { "GET", "/api/graphs", 200 },
        { "POST", "/api/graphs", 422 },
        { "GET", "/api/graphs/{graph}", 404 },
        { "GET", "/api/graphs/{graph}?for_export=true", 404 },
        { "PUT", "/api/graphs/{graph}", 422 },
        { "DELETE", "/api/graphs/{graph}", 200 },
        { "POST", "/api/graphs/{graph}/execute/1", 400 },
        { "GET", "/api/graphs/{graph}/executions", 200 },
        { "GET", "/api/graphs/{graph}/executions/{run}", 404 },
        { "POST", "/api/graphs/{graph}/executions/{run}/stop", 200 },
        { "GET", "/api/graphs/{graph}/versions", 404 },
        { "GET", "/api/graphs/{graph}/versions/1", 404 },
        { "PUT", "/api/graphs/{graph}/versions/active", 422 },
        { "GET", "/api/executions", 200 },
        { "POST", "/api/executions?graph_id={graph}&graph_exec_id={run}", 200 },
        { "DELETE", "/api/executions/{run}", 500 },
        { "GET", "/api/blocks", 200 },
        { "POST", "/api/blocks/none/execute", 422 },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task What_belongs_to_another_is_answered_as_what_is_not_there(string method, string path, int status)
    {
        var (owner, ids) = await OwnerAsync();
        var stranger = server.Anybody();
        var foreign = await stranger.SendAsync(new HttpMethod(method), Fill(path, ids));
        var unknown = await stranger.SendAsync(new HttpMethod(method), Fill(path, (Guid.NewGuid().ToString(), Guid.NewGuid().ToString())));
        Assert.Equal((status, status), (foreign.Status, unknown.Status));
        Assert.Equal(Blank(unknown.Text), Blank(foreign.Text));
        Assert.Equal("COMPLETED", (await owner.GetAsync($"/api/graphs/{ids.Graph}/executions/{ids.Run}")).Json.Text("status"));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Nobody_gets_in_without_a_valid_token(string method, string path, int status)
    {
        Assert.NotEqual(401, status);
        string?[] tokens =
        [
            null,
            "",
            "not-a-token",
            "a.b.c",
            Tokens.Of(new { sub = "u", role = "authenticated", aud = "authenticated", exp = Earlier }, ApiServer.Key),
            Tokens.Of(new { sub = "u", role = "authenticated", aud = "authenticated", nbf = Later }, ApiServer.Key),
            Tokens.Of(new { sub = "u", role = "authenticated", aud = "anybody" }, ApiServer.Key),
            Tokens.Of(new { sub = "u", role = "authenticated" }, ApiServer.Key),
            Tokens.Of(new { role = "authenticated", aud = "authenticated" }, ApiServer.Key),
            Tokens.Of(new { sub = "u", role = "authenticated", aud = "authenticated" }, "another key of thirty-two bytes or more"),
            "eyJhbGciOiJub25lIn0." + Tokens.Of(new { sub = "u", role = "admin", aud = "authenticated" }, ApiServer.Key).Split('.')[1] + ".",
        ];
        foreach (var token in tokens)
        {
            var answer = await server.With(token).SendAsync(new HttpMethod(method), Fill(path, (Guid.NewGuid().ToString(), Guid.NewGuid().ToString())));
            answer.IsDetail(401);
            Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
        }
    }

    [Fact]
    public async Task A_token_may_expire_later_and_have_several_audiences() =>
        Assert.Equal(200, (await server.With(Tokens.Of(new { sub = "u", role = "authenticated", aud = new[] { "x", "authenticated" }, exp = Later, nbf = Earlier }, ApiServer.Key)).GetAsync("/api/graphs")).Status);

    [Fact]
    public async Task Another_scheme_is_no_token()
    {
        var answer = await server.With(null).SendAsync(HttpMethod.Get, "/api/graphs", change: request => request.Headers.Authorization = new("Basic", "dTpw"));
        answer.IsDetail(401);
    }

    [Fact]
    public async Task A_token_without_a_role_is_an_error_of_the_server() =>
        (await server.With(Tokens.Of(new { sub = "u", aud = "authenticated" }, ApiServer.Key)).GetAsync("/api/graphs")).IsError(500);

    [Fact]
    public async Task Text_that_is_not_json_is_told_before_who_asks_and_fields_after()
    {
        var anonymous = server.With(null);
        Assert.Equal(["json_invalid body.10"], (await anonymous.SendAsync(HttpMethod.Post, "/api/graphs", """{"graph": """)).Problems());
        (await anonymous.SendAsync(HttpMethod.Post, "/api/graphs", "{}")).IsDetail(401);
    }

    [Fact]
    public async Task An_admin_acts_as_another_and_nobody_else_does()
    {
        var (owner, ids) = await OwnerAsync();
        var list = (await owner.GetAsync("/api/graphs")).Json[0];
        var admin = await server.For("root", "admin").SendAsync(HttpMethod.Get, $"/api/graphs/{ids.Graph}", change: request => request.Headers.Add("X-Act-As-User-Id", list.Text("user_id")));
        Assert.Equal(200, admin.Status);
        Assert.Equal(404, (await server.For("root", "admin").GetAsync($"/api/graphs/{ids.Graph}")).Status);
        var other = await server.Anybody().SendAsync(HttpMethod.Get, $"/api/graphs/{ids.Graph}", change: request => request.Headers.Add("X-Act-As-User-Id", list.Text("user_id")));
        other.IsDetail(403);
    }

    [Fact]
    public async Task Health_and_documents_are_for_everybody()
    {
        var anonymous = server.With(null);
        Assert.Equal("""{"status":"healthy"}""", (await anonymous.GetAsync("/health")).Text);
        Assert.Equal(200, (await anonymous.GetAsync("/health/ready")).Status);
        Assert.Equal(200, (await anonymous.GetAsync("/openapi.json")).Status);
        Assert.StartsWith("text/html", (await anonymous.GetAsync("/docs")).Headers["Content-Type"], StringComparison.Ordinal);
    }

    private static string Fill(string path, (string Graph, string Run) ids) =>
        path.Replace("{graph}", ids.Graph, StringComparison.Ordinal).Replace("{run}", ids.Run, StringComparison.Ordinal);

    // Ids stand in texts; what else the answers say must be the same.
    private static string Blank(string text) => System.Text.RegularExpressions.Regex.Replace(text, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");

    private async Task<(ApiClient Owner, (string Graph, string Run) Ids)> OwnerAsync()
    {
        var owner = server.Anybody();
        var graph = await owner.CreateAsync(TestGraph.Echo());
        var run = await owner.EndAsync(await owner.ExecuteAsync(graph, JsonNode.Parse("""{"inputs": {"n": 1}}""")));
        return (owner, (graph.Id(), run.Id()));
    }
}
