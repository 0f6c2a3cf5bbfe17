using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>The server as <c>./run</c> has it: without accounts.</summary>
public sealed class OpenServerTests(OpenServerTests.Server server) : IClassFixture<OpenServerTests.Server>
{
    [Fact]
    public async Task Everybody_is_the_default_user()
    {
        var graph = await server.With(null).CreateAsync(TestGraph.Echo());
        Assert.Equal("3e53486c-cf57-477e-ba2a-cb02dc828e1a", graph.Text("user_id"));
        Assert.Equal(200, (await server.With("no token at all").GetAsync($"/api/graphs/{graph.Id()}")).Status);
        Assert.Equal(1L, await CountAsync("SELECT count(*) FROM users WHERE id = '3e53486c-cf57-477e-ba2a-cb02dc828e1a' AND email = 'default@example.com'"));
    }

    [Fact]
    public async Task Everybody_is_admin()
    {
        var answer = await server.With(null).SendAsync(HttpMethod.Get, "/api/graphs", change: request => request.Headers.Add("X-Act-As-User-Id", "somebody"));
        Assert.Equal((200, "[]"), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example:8000")]
    [InlineData("localhost.evil.example")]
    public async Task A_foreign_host_is_refused(string host)
    {
        foreach (var path in new[] { "/api/graphs", "/health", "/nothing" })
            (await server.With(null).SendAsync(HttpMethod.Get, path, change: request => request.Headers.Host = host)).IsDetail(403);
    }

    [Theory]
    [InlineData("/api/integrations/generic_webhook/webhooks/nothing/ingress", "POST", 404)]
    [InlineData("/api/integrations/generic_webhook/webhooks/nothing/ingress", "GET", 403)]
    [InlineData("/api/graphs", "POST", 403)]
    public async Task At_the_public_address_of_the_platform_only_deliveries_of_webhooks_are_taken(string path, string method, int status) =>
        (await server.With(null).SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null, request => request.Headers.Host = "platform.test")).IsDetail(status);

    [Theory]
    [InlineData("http://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost:3001", 403)]
    [InlineData("http://localhost:3000", 200)]
    public async Task A_foreign_page_is_refused(string origin, int status) =>
        Assert.Equal(status, (await server.With(null).SendAsync(HttpMethod.Get, "/api/graphs", change: request => request.Headers.Add("Origin", origin))).Status);

    [Fact]
    public async Task A_page_of_the_server_itself_may_call() =>
        Assert.Equal(200, (await server.With(null).SendAsync(HttpMethod.Get, "/api/graphs", change: request => request.Headers.Add("Origin", server.Address))).Status);

    private async Task<object?> CountAsync(string sql)
    {
        await using var command = server.Database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A server with auth off.</summary>
    public sealed class Server : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["ENABLE_AUTH"] = "false";
            variables["JWT_VERIFY_KEY"] = "";
            variables["PLATFORM_BASE_URL"] = "https://platform.test";
        }
    }
}
