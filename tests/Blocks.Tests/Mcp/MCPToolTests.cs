using System.ComponentModel;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Mcp;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Server;

namespace Grainflow.Blocks.Tests.Mcp;

/// <summary>The MCP Tool block against a server of the protocol's own library, and against servers that are none.</summary>
public sealed class MCPToolTests : IAsyncLifetime
{
    private WebApplication? _server;
    private OutgoingHttp? _http;
    private string _address = "";
    private string? _token;
    private int _calls;

    public async ValueTask InitializeAsync()
    {
        _server = LoopbackHost.Build(services => services.AddMcpServer(options => options.ServerInfo = new() { Name = "test-server", Version = "1" }).WithHttpTransport().WithTools<Tools>());
        _server.Use(async (context, next) =>
        {
            _token = context.Request.Headers.Authorization.ToString();
            Interlocked.Increment(ref _calls);
            if (context.Request.Path.StartsWithSegments("/closed", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 401;
                await context.Response.WriteAsync("who are you, secret-token?");
                return;
            }

            await next(context);
        });
        _server.MapMcp("/mcp");
        _server.MapPost("/page", () => Results.Content("<html>", "text/html"));
        _address = await _server.ListenAsync();
        _http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [_address] });
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_tool_is_called_with_its_arguments_and_the_token_of_the_credentials()
    {
        Assert.Equal(["result=5"], await RunAsync("""{"selected_tool": "add", "tool_arguments": {"a": 2, "b": 3}}""", credential: "secret-token"));
        Assert.Equal("Bearer secret-token", _token);
    }

    [Fact]
    public async Task What_arrives_on_pins_that_are_named_after_arguments_comes_first() =>
        Assert.Equal(["result=12"], await RunAsync("""{"selected_tool": "add", "tool_arguments": {"a": 2, "b": 3}, "a": 9}"""));

    [Fact]
    public async Task A_text_that_is_json_is_emitted_as_json_and_several_parts_as_a_list()
    {
        Assert.Equal(["""result={"name":"x"}"""], await RunAsync("""{"selected_tool": "describe", "tool_arguments": {"name": "x"}}"""));
        Assert.Equal(["""result=["one","two"]"""], await RunAsync("""{"selected_tool": "both"}"""));
    }

    [Fact]
    public async Task Without_credentials_no_token_is_sent()
    {
        await RunAsync("""{"selected_tool": "both"}""");
        Assert.Equal("", _token);
    }

    [Theory]
    [InlineData("""{"selected_tool": "fail"}""", "The tool 'fail' failed: ")]
    [InlineData("""{"selected_tool": "nothing-like-it"}""", "The MCP server at 127.0.0.1 did not answer as one: ")]
    [InlineData("""{"selected_tool": ""}""", "'selected_tool' is empty")]
    [InlineData("""{"selected_tool": "add", "tool_input_schema": {"required": ["a"]}}""", "The tool 'add' cannot be called: the argument 'a' has no value")]
    [InlineData("""{"selected_tool": "add", "tool_input_schema": {"properties": {"a": {"type": "integer"}}}, "a": "x"}""", "The tool 'add' cannot be called: the argument 'a' must be of type integer, but is \"x\"")]
    public async Task A_failure_names_the_tool_and_the_reason(string input, string reason) =>
        Assert.StartsWith("!Execution: " + reason, Assert.Single(await RunAsync(input)), StringComparison.Ordinal);

    [Theory]
    [InlineData("/closed", "The MCP server at 127.0.0.1 refused the credentials (401); give it others, or sign in again")]
    [InlineData("/gone", "The MCP server at 127.0.0.1 answered with status 404")]
    [InlineData("/page", "The MCP server at 127.0.0.1 did not answer as one: ")]
    public async Task A_server_that_refuses_or_is_none_is_named_without_the_token(string path, string reason)
    {
        var shown = Assert.Single(await RunAsync("""{"selected_tool": "add", "tool_arguments": {"a": 2, "b": 3}}""", path, "secret-token"));

        Assert.StartsWith("!Execution: " + reason, shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not an address", "'server_url' is 'not an address'")]
    [InlineData("file:///etc/passwd", "'server_url' is 'file:///etc/passwd'")]
    [InlineData("http://169.254.169.254/mcp", "The MCP server at 169.254.169.254 could not be asked: ")]
    public async Task Only_public_addresses_of_the_web_are_asked(string address, string reason)
    {
        var calls = _calls;
        var shown = Assert.Single(await BlockResults.RunAsync("MCPToolBlock", JsonValues.Parse($$"""{"server_url": "{{address}}", "selected_tool": "add"}"""), new TestRun(http: _http, clock: TimeProvider.System, credentials: new Dictionary<string, Credential>(StringComparer.Ordinal))));

        Assert.StartsWith("!Execution: " + reason, shown, StringComparison.Ordinal);
        Assert.Equal(calls, _calls);
    }

    [Fact]
    public async Task The_credentials_of_one_server_are_not_sent_to_another()
    {
        var calls = _calls;
        var credentials = new Dictionary<string, Credential>(StringComparer.Ordinal) { ["credentials"] = new Credential("c", "mcp", CredentialTypes.OAuth2, "secret-token") { ServerUrl = "https://mcp.example.com/mcp" } };

        var shown = await BlockResults.RunAsync(
            "MCPToolBlock", JsonValues.Parse($$"""{"server_url": "{{_address}}/mcp", "selected_tool": "both"}"""), new TestRun(http: _http, clock: TimeProvider.System, credentials: credentials));

        Assert.Equal([$"!Execution: The credentials are those of https://mcp.example.com/mcp and are not sent to {_address}; choose credentials of that server"], shown);
        Assert.Equal(calls, _calls);
        credentials["credentials"] = credentials["credentials"] with { ServerUrl = _address + "/another-path" };
        Assert.Equal(
            ["""result=["one","two"]"""],
            await BlockResults.RunAsync("MCPToolBlock", JsonValues.Parse($$"""{"server_url": "{{_address}}/mcp", "selected_tool": "both"}"""), new TestRun(http: _http, clock: TimeProvider.System, credentials: credentials)));
    }

    [Fact]
    public async Task The_tools_of_a_server_are_listed_with_their_schemas()
    {
        var found = await McpExchange.ListToolsAsync(_http!, new Uri(_address + "/mcp"), token: null, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal("test-server", found.ServerName);
        Assert.Equal(["add", "both", "describe", "fail"], found.Tools.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        var add = found.Tools.Single(tool => tool.Name == "add");
        Assert.Equal(("Adds numbers.", "integer"), (add.Description, add.InputSchema.GetProperty("properties").GetProperty("a").GetProperty("type").GetString()));
    }

    private async Task<List<string>> RunAsync(string input, string path = "/mcp", string? credential = null)
    {
        var given = JsonValues.Parse(input);
        var whole = JsonValues.Object(given.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)).Append(KeyValuePair.Create("server_url", JsonValues.From(_address + path))));
        var credentials = new Dictionary<string, Credential>(StringComparer.Ordinal);
        if (credential is not null) credentials["credentials"] = new Credential("c", "mcp", CredentialTypes.ApiKey, credential);
        return await BlockResults.RunAsync("MCPToolBlock", whole, new TestRun(http: _http, clock: TimeProvider.System, credentials: credentials));
    }

    [McpServerToolType]
    private sealed class Tools
    {
        [McpServerTool(Name = "add"), Description("Adds numbers.")]
        public static int Add(int a, int b) => a + b;

        [McpServerTool(Name = "describe")]
        public static string Describe(string name) => JsonSerializer.Serialize(new { name });

        [McpServerTool(Name = "both")]
        public static IEnumerable<string> Both() => ["one", "two"];

        [McpServerTool(Name = "fail")]
        public static string Fail() => throw new InvalidOperationException("broken");
    }
}
