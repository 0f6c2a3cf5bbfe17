using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Server;

namespace Grainflow.Gateway.Tests.Mcp;

/// <summary>Upstream 2c: the tools of an MCP server are listed, and called as a node of a graph with the credentials of the server.</summary>
public sealed class McpEndpointTests(McpEndpointTests.Server server) : IClassFixture<McpEndpointTests.Server>, IDisposable
{
    private readonly ApiClient _user = server.Anybody();

    public void Dispose()
    {
        server.Authorization.ValidSeconds = 3600;
        server.Authorization.Metadata.Remove("authorization_response_iss_parameter_supported");
    }

    [Fact]
    public async Task The_tools_of_a_server_are_listed_with_a_token_that_is_given_or_stored()
    {
        (await DiscoverAsync(null)).IsDetail(401);
        var given = await DiscoverAsync("the-token");
        Assert.Equal((200, "tools server_name protocol_version"), (given.Status, given.Members));
        Assert.Equal("""{"name":"double","description":"","input_schema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}""", given.Json.GetProperty("tools")[0].GetRawText());

        var stored = await _user.PostAsync("/api/mcp/token", new JsonObject { ["server_url"] = server.Tools, ["token"] = "the-token" });
        Assert.Equal(("mcp", "oauth2", "MCP: 127.0.0.1", server.Tools), (stored.Json.Text("provider"), stored.Json.Text("type"), stored.Json.Text("title"), stored.Json.Text("host")));
        Assert.DoesNotContain("the-token", stored.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await DiscoverAsync(null)).Status);

        // A new token takes the place of the old one, and is nobody else's.
        Assert.Equal(stored.Json.Id(), (await _user.PostAsync("/api/mcp/token", new JsonObject { ["server_url"] = server.Tools, ["token"] = "another" })).Json.Id());
        (await DiscoverAsync(null)).IsDetail(401);
        (await server.Anybody().PostAsync("/api/mcp/discover-tools", new JsonObject { ["server_url"] = server.Tools })).IsDetail(401);
    }

    [Fact]
    public async Task A_tool_runs_as_a_node_whose_arguments_are_pins()
    {
        var credential = await _user.PostAsync("/api/mcp/token", new JsonObject { ["server_url"] = server.Tools, ["token"] = "the-token" });
        var graph = await _user.CreateAsync(new TestGraph()
            .Node("in", TestGraph.NumberInput, "n").Node("out", TestGraph.Output, "o")
            .Node("tool", "a0a4b1c2-d3e4-4f56-a7b8-c9d0e1f2a3b4", new JsonObject
            {
                ["server_url"] = server.Tools,
                ["selected_tool"] = "double",
                ["tool_input_schema"] = JsonNode.Parse("""{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}"""),
                ["credentials"] = new JsonObject { ["id"] = credential.Json.Id(), ["provider"] = "mcp", ["type"] = "oauth2", ["title"] = null },
            })
            .Link("in", "result", "tool", "n").Link("tool", "result", "out", "value"));

        var run = await _user.EndAsync(await _user.ExecuteAsync(graph, JsonNode.Parse("""{"inputs": {"n": 21}}""")));

        Assert.Equal("""{"o":[42]}""", run.GetProperty("outputs").GetRawText());
    }

    [Fact]
    public async Task A_pin_that_the_tool_does_not_have_is_refused() =>
        (await _user.PostAsync("/api/graphs", new JsonObject
        {
            ["graph"] = new TestGraph().Node("in", TestGraph.NumberInput, "n").Node("tool", "a0a4b1c2-d3e4-4f56-a7b8-c9d0e1f2a3b4", new JsonObject { ["server_url"] = server.Tools })
                .Link("in", "result", "tool", "n").Json(),
        })).IsError(400);

    [Fact]
    public async Task A_login_ends_with_credentials_that_call_the_tools_are_refreshed_and_are_revoked_when_they_are_deleted()
    {
        server.Authorization.ValidSeconds = 200;
        var login = await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = server.Tools });
        Assert.Equal((200, "login_url state_token"), (login.Status, login.Members));
        var (code, state) = server.Authorization.Grant(new Uri(login.Json.Text("login_url")!));
        Assert.Equal(login.Json.Text("state_token"), state);
        Assert.StartsWith("https://front.example.com/auth/integrations/mcp_callback", System.Web.HttpUtility.ParseQueryString(new Uri(login.Json.Text("login_url")!).Query)["redirect_uri"]);

        var stored = await _user.PostAsync("/api/mcp/oauth/callback", new JsonObject { ["code"] = code, ["state_token"] = state });
        Assert.Equal(("mcp", "oauth2", "MCP: 127.0.0.1", server.Tools), (stored.Json.Text("provider"), stored.Json.Text("type"), stored.Json.Text("title"), stored.Json.Text("host")));
        Assert.Equal(server.Tools, stored.Json.GetProperty("metadata").Text("mcp_server_url"));
        Assert.DoesNotContain("access-", stored.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", stored.Text, StringComparison.Ordinal);

        // The tokens are valid for less than five minutes, so that the use of them refreshes them first.
        var first = server.Authorization.Valid;
        Assert.Equal(200, (await DiscoverAsync(null)).Status);
        Assert.Single(server.Authorization.Calls, call => call.IsRefresh);
        Assert.NotEqual(first, server.Authorization.Valid);

        // A token by hand takes the place of those of the login, and another login the place of the token.
        Assert.Equal(stored.Json.Id(), (await _user.PostAsync("/api/mcp/token", new JsonObject { ["server_url"] = server.Tools, ["token"] = "another" })).Json.Id());
        (await DiscoverAsync(null)).IsDetail(401);
        Assert.Equal(stored.Json.Id(), (await LoggedInAsync()).Json.Id());
        Assert.Equal(200, (await DiscoverAsync(null)).Status);
        Assert.Equal(server.Tools, (await _user.GetAsync("/api/integrations/mcp/credentials")).Json.EnumerateArray().Single().Text("host"));

        var deleted = await _user.DeleteAsync($"/api/integrations/mcp/credentials/{stored.Json.Id()}");
        Assert.Equal((200, true), (deleted.Status, deleted.Json.GetProperty("revoked").GetBoolean()));
        Assert.Empty(server.Authorization.Valid);
    }

    [Fact]
    public async Task A_state_is_accepted_once_and_from_its_user_alone()
    {
        var login = await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = server.Tools });
        var (code, state) = server.Authorization.Grant(new Uri(login.Json.Text("login_url")!));
        var callback = new JsonObject { ["code"] = code, ["state_token"] = state };

        (await server.Anybody().PostAsync("/api/mcp/oauth/callback", callback.DeepClone())).IsDetail(400);
        (await _user.PostAsync("/api/integrations/mcp/callback", callback.DeepClone())).IsDetail(404);
        Assert.Equal(200, (await _user.PostAsync("/api/mcp/oauth/callback", callback.DeepClone())).Status);
        Assert.Equal("Invalid or expired state token.", (await _user.PostAsync("/api/mcp/oauth/callback", callback.DeepClone())).IsDetail(400));
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData(null)]
    public async Task A_code_that_does_not_come_from_the_server_of_the_login_is_not_exchanged(string? issuer)
    {
        server.Authorization.Metadata["authorization_response_iss_parameter_supported"] = issuer is null;
        var login = await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = server.Tools });
        var (code, state) = server.Authorization.Grant(new Uri(login.Json.Text("login_url")!));
        var exchanges = server.Authorization.Calls.Count;

        var answer = await _user.PostAsync("/api/mcp/oauth/callback", new JsonObject { ["code"] = code, ["state_token"] = state, ["iss"] = issuer });

        Assert.Contains("does not come from", answer.IsDetail(400), StringComparison.Ordinal);
        Assert.Equal(exchanges, server.Authorization.Calls.Count);
    }

    [Fact]
    public async Task A_refused_code_and_a_server_without_a_login_say_so()
    {
        var login = await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = server.Tools });
        var refused = await _user.PostAsync("/api/mcp/oauth/callback", new JsonObject { ["code"] = "wrong", ["state_token"] = login.Json.Text("state_token") });
        Assert.Equal("OAuth token exchange failed: 127.0.0.1 did not give tokens: status 400, invalid_grant.", refused.IsDetail(400));

        var plain = await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = server.Plain });
        Assert.Equal("This MCP server does not advertise OAuth support. You may need to provide an auth token manually.", plain.IsDetail(400));
        (await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = "no address" })).IsDetail(400);
        (await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = "http://169.254.169.254/mcp" })).IsDetail(502);
    }

    [Theory]
    [InlineData("no address")]
    [InlineData("http://169.254.169.254/mcp")]
    public async Task Another_address_is_not_asked(string address) => (await _user.PostAsync("/api/mcp/discover-tools", new JsonObject { ["server_url"] = address })).IsDetail(502);

    private async Task<Answer> LoggedInAsync()
    {
        var login = await _user.PostAsync("/api/mcp/oauth/login", new JsonObject { ["server_url"] = server.Tools });
        var (code, state) = server.Authorization.Grant(new Uri(login.Json.Text("login_url")!));
        return await _user.PostAsync("/api/mcp/oauth/callback", new JsonObject { ["code"] = code, ["state_token"] = state });
    }

    private Task<Answer> DiscoverAsync(string? token) => _user.PostAsync("/api/mcp/discover-tools", new JsonObject { ["server_url"] = server.Tools, ["auth_token"] = token });

    /// <summary>A server beside an MCP server, which it may reach.</summary>
    public sealed class Server : ApiServer, IAsyncLifetime
    {
        private WebApplication? _tools;

        /// <summary>The address of the MCP server.</summary>
        internal string Tools { get; private set; } = "";

        /// <summary>The address of an MCP server that tells nothing of a login.</summary>
        internal string Plain { get; private set; } = "";

        /// <summary>Where users of the MCP server log in.</summary>
        internal ScriptedAuthorization Authorization { get; private set; } = null!;

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            Authorization = await ScriptedAuthorization.StartAsync();
            _tools = LoopbackHost.Build(services => services.AddMcpServer().WithHttpTransport().WithTools<Doubling>());
            _tools.Use(async (context, next) =>
            {
                var token = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
                if (token == "the-token" || Authorization.Valid.Contains(token) || context.Request.Path == "/.well-known/oauth-protected-resource/mcp") await next(context);
                else context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            });
            _tools.MapGet("/.well-known/oauth-protected-resource/mcp", () => Results.Text(new JsonObject { ["resource"] = Tools, ["authorization_servers"] = new JsonArray(Authorization.Issuer) }.ToJsonString(), "application/json"));
            _tools.MapMcp("/mcp");
            Tools = await _tools.ListenAsync() + "/mcp";
            Plain = Tools[..^"mcp".Length] + "other";
            Authorization.Resources.Add(Tools);
            await base.InitializeAsync();
        }

        async ValueTask IAsyncDisposable.DisposeAsync()
        {
            await base.DisposeAsync();
            if (_tools is not null) await _tools.DisposeAsync();
            await Authorization.DisposeAsync();
        }

        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["FRONTEND_BASE_URL"] = "https://front.example.com";
            variables["TRUST_ENDPOINTS_FOR_REQUESTS"] = $"""["{new Uri(Tools).GetLeftPart(UriPartial.Authority)}", "{Authorization.Issuer}"]""";
        }
    }

    [McpServerToolType]
    private sealed class Doubling
    {
        [McpServerTool(Name = "double")]
        public static int Double(int n) => 2 * n;
    }
}
