using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace Grainflow.Gateway.Tests.Mcp;

/// <summary>Upstream 2c: the tools of an MCP server are listed, and called as a node of a graph with the credentials of the server.</summary>
public sealed class McpEndpointTests(McpEndpointTests.Server server) : IClassFixture<McpEndpointTests.Server>
{
    private readonly ApiClient _user = server.Anybody();

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

    [Theory]
    [InlineData("no address")]
    [InlineData("http://169.254.169.254/mcp")]
    public async Task Another_address_is_not_asked(string address) => (await _user.PostAsync("/api/mcp/discover-tools", new JsonObject { ["server_url"] = address })).IsDetail(502);

    private Task<Answer> DiscoverAsync(string? token) => _user.PostAsync("/api/mcp/discover-tools", new JsonObject { ["server_url"] = server.Tools, ["auth_token"] = token });

    /// <summary>A server beside an MCP server, which it may reach.</summary>
    public sealed class Server : ApiServer, IAsyncLifetime
    {
        private WebApplication? _tools;

        /// <summary>The address of the MCP server.</summary>
        internal string Tools { get; private set; } = "";

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddMcpServer().WithHttpTransport().WithTools<Doubling>();
            _tools = builder.Build();
            _tools.Use(async (context, next) =>
            {
                if (context.Request.Headers.Authorization == "Bearer the-token") await next(context);
                else context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            });
            _tools.MapMcp("/mcp");
            await _tools.StartAsync();
            Tools = _tools.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/mcp";
            await base.InitializeAsync();
        }

        async ValueTask IAsyncDisposable.DisposeAsync()
        {
            await base.DisposeAsync();
            if (_tools is not null) await _tools.DisposeAsync();
        }

        private protected override void Change(Dictionary<string, string> variables) => variables["TRUST_ENDPOINTS_FOR_REQUESTS"] = $"""["{new Uri(Tools).GetLeftPart(UriPartial.Authority)}"]""";
    }

    [McpServerToolType]
    private sealed class Doubling
    {
        [McpServerTool(Name = "double")]
        public static int Double(int n) => 2 * n;
    }
}
