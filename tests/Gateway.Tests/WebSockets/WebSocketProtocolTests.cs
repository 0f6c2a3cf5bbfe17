using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Gateway.WebSockets;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>The contract's websocket page, row by row.</summary>
public sealed class WebSocketProtocolTests
{
    private const string RunId = "7d1c3a5e-0000-4000-8000-000000000001";
    private const string GraphId = "7d1c3a5e-0000-4000-8000-000000000002";

    [Fact]
    public async Task Every_method_is_answered_as_the_contract_says()
    {
        await using var server = await LiveServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await server.StartRunAsync(new Guid(RunId), await server.StoreAsync(new LiveGraph(server.NewId()).Step("gated", """{"gate": "gate"}""")));
        var run = $"user-1|graph_exec#{RunId}";
        var graph = $"user-1|graph#{GraphId}|executions";

        await ExpectAsync(client, """{"method":"heartbeat","data":"ping","success":true}""", """{"method":"heartbeat","data":"pong","success":true}""");
        await ExpectAsync(client, $$$"""{"method":"subscribe_graph_execution","data":{"graph_exec_id":"{{{RunId}}}"}}""", Done("subscribe_graph_execution", run));
        await ExpectAsync(client, $$$"""{"method":"subscribe_graph_execution","data":{"graph_exec_id":"{{{RunId}}}"}}""", Done("subscribe_graph_execution", run));
        await ExpectAsync(client, $$$"""{"method":"subscribe_graph_executions","data":{"graph_id":"{{{GraphId}}}","more":1},"more":2}""", Done("subscribe_graph_executions", graph));
        await ExpectAsync(client, $$$"""{"method":"unsubscribe","data":{"graph_exec_id":"{{{RunId}}}"}}""", Done("unsubscribe", run));
        await ExpectAsync(client, $$$"""{"method":"unsubscribe","data":{"graph_exec_id":"{{{RunId}}}"}}""", Done("unsubscribe", null));
        await ExpectAsync(client, $$$"""{"method":"unsubscribe","data":{"graph_id":"{{{GraphId}}}"}}""", Done("unsubscribe", graph));
        await ExpectAsync(client, $$$"""{"method":"unsubscribe","data":{"graph_id":"{{{GraphId}}}"}}""", Done("unsubscribe", null));
        await ExpectAsync(client, """{"method":"subscribe_graph_executions","data":{"graph_id":"no id at all"}}""", Done("subscribe_graph_executions", "user-1|graph#no id at all|executions"));
        await client.SendAsync("""{"method":"error","data":{}}""");
        await ExpectAsync(client, """{"method":"heartbeat"}""", """{"method":"heartbeat","data":"pong","success":true}""");
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("""{"method":null}""")]
    [InlineData("""{"method":"fly"}""")]
    [InlineData("""{"method":5}""")]
    [InlineData("""{"method":"heartbeat","data":5}""")]
    [InlineData("""{"method":"heartbeat","data":true}""")]
    [InlineData("""{"method":"heartbeat","success":"yes"}""")]
    [InlineData("""{"method":"heartbeat","channel":5}""")]
    [InlineData("""{"method":"heartbeat","error":{}}""")]
    [InlineData("""{"method":"subscribe_graph_execution"}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":null}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":{}}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":[]}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":""}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":"text"}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":[1]}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":{"graph_id":"x"}}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":{"graph_exec_id":5}}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":{"graph_exec_id":"x","from_seq":"1"}}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":{"graph_exec_id":"x","from_seq":-1}}""")]
    [InlineData("""{"method":"subscribe_graph_execution","data":{"graph_exec_id":"\ud800"}}""")]
    [InlineData("""{"method":"subscribe_graph_executions","data":{"graph_exec_id":"x"}}""")]
    [InlineData("""{"method":"subscribe_graph_executions","data":{}}""")]
    [InlineData("""{"method":"unsubscribe","data":{}}""")]
    [InlineData("""{"method":"unsubscribe","data":{"graph_exec_id":null}}""")]
    [InlineData("""{"method":"unsubscribe","data":{"graph_id":1}}""")]
    [InlineData("""{"method":"graph_execution_event","data":{}}""")]
    [InlineData("""{"method":"node_execution_event"}""")]
    [InlineData("""{"method":"notification"}""")]
    public void What_is_no_message_is_answered_with_an_error(string text)
    {
        Assert.Null(ClientMessage.Read(Encoding.UTF8.GetBytes(text), out var error));

        Assert.NotEmpty(error);
        var message = JsonElement.Parse(ServerMessages.Error(error).Span);
        Assert.Equal(["method", "data", "success", "channel", "error"], message.EnumerateObject().Select(member => member.Name));
        Assert.Equal("error", message.GetProperty("method").GetString());
        Assert.Equal(JsonValueKind.Null, message.GetProperty("data").ValueKind);
        Assert.False(message.GetProperty("success").GetBoolean());
        Assert.Equal(JsonValueKind.Null, message.GetProperty("channel").ValueKind);
    }

    [Fact]
    public async Task Garbage_is_answered_and_the_socket_stays_open()
    {
        await using var server = await LiveServer.StartAsync();
        await using var client = await server.ConnectAsync();

        foreach (var text in (string[])["{", "[[[", "", "null", $"{new string('[', 5000)}", """{"method":"subscribe_graph_execution","data":{"graph_exec_id":"\ud800"}}"""])
            Assert.Equal("error", (await client.AskAsync(text)).GetProperty("method").GetString());

        Assert.Equal("pong", (await client.AskAsync("""{"method":"heartbeat"}""")).GetProperty("data").GetString());
    }

    [Fact]
    public async Task Messages_that_are_not_text_or_too_large_close_the_socket()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxClientMessageBytes = 2000);

        await ClosedWithAsync(server, WebSocketCloseStatus.InvalidMessageType, client => client.SendAsync([1, 2, 3], WebSocketMessageType.Binary));
        await ClosedWithAsync(server, WebSocketCloseStatus.MessageTooBig, client => client.SendAsync(new string('x', 2001)));

        await using var broken = await server.ConnectAsync();
        await broken.SendAsync([0xFF, 0xFE], WebSocketMessageType.Text);
        // ASP.NET closes with 1007 and resets the connection at once, so that a client may see either.
        var end = await Record.ExceptionAsync(broken.NextBytesAsync);
        Assert.True(end is WebSocketException || broken.CloseStatus == WebSocketCloseStatus.InvalidPayloadData, $"{end} {broken.CloseStatus}");

        await using var fits = await server.ConnectAsync();
        Assert.Equal("pong", (await fits.AskAsync($$"""{"method":"heartbeat","data":"{{new string('x', 1900)}}"}""")).GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_message_in_pieces_is_one_message()
    {
        await using var server = await LiveServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var bytes = Encoding.UTF8.GetBytes($$"""{"method":"heartbeat","data":"{{new string('é', 10_000)}}"}""");

        for (var i = 0; i < bytes.Length; i += 777) await client.SendAsync(bytes[i..Math.Min(i + 777, bytes.Length)], WebSocketMessageType.Text, i + 777 >= bytes.Length);

        Assert.Equal("pong", (await client.NextAsync()).GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_token_that_does_not_do_closes_with_its_code()
    {
        await using var server = await LiveServer.StartAsync();

        Assert.Equal(4001, await CodeOfAsync(server, ""));
        Assert.Equal(4001, await CodeOfAsync(server, "?token="));
        Assert.Equal(4002, await CodeOfAsync(server, $"?token={Tokens.Of(new { aud = "authenticated" })}"));
        Assert.Equal(4003, await CodeOfAsync(server, "?token=garbage"));
        Assert.Equal(4003, await CodeOfAsync(server, $"?token={Tokens.Of(new { sub = "user", aud = "others" })}"));
        Assert.Equal(4003, await CodeOfAsync(server, $"?token={Tokens.Of(new { sub = "user", aud = "authenticated", exp = 1 })}"));
        Assert.Equal(4003, await CodeOfAsync(server, $"?token={Tokens.Of(new { sub = "user", aud = "authenticated" }, "another key")}"));
    }

    [Fact]
    public async Task With_auth_off_everybody_from_here_is_the_default_user()
    {
        await using var server = await LiveServer.StartAsync(gateway: options => options.EnableAuth = false);
        await using var client = await LiveClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/ws?token=garbage"));
        using var foreign = new ClientWebSocket();
        foreign.Options.CollectHttpResponseDetails = true;
        foreign.Options.SetRequestHeader("Origin", "https://elsewhere.example");

        Assert.Equal($"{GatewayOptions.DefaultUserId}|graph#{GraphId}|executions", (await client.WatchGraphAsync(GraphId)).GetProperty("channel").GetString());
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(server.Address(user: null), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, foreign.HttpStatusCode);
    }

    [Fact]
    public async Task A_connection_without_anybody_at_its_end_is_given_up()
    {
        await using var server = await LiveServer.StartAsync(options => options.KeepAlive = TimeSpan.FromMilliseconds(200));
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {server.Address().PathAndQuery} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
            TestContext.Current.CancellationToken);

        // It reads, so the connection stands, but never answers a ping.
        var buffer = new byte[1024];
        var end = await Record.ExceptionAsync(async () =>
        {
            while (await stream.ReadAsync(buffer).AsTask().WaitAsync(LiveClient.Patience) > 0)
            {
                // The handshake, and the pings.
            }
        });

        Assert.True(end is null or IOException, $"{end}");
    }

    [Fact]
    public async Task The_role_of_a_token_does_not_matter_and_no_header_is_looked_at()
    {
        await using var server = await LiveServer.StartAsync();
        await using var client = await LiveClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/ws?token={Tokens.Of(new { sub = "user-9", aud = "authenticated", role = 5 })}"));

        Assert.Equal($"user-9|graph#{GraphId}|executions", (await client.WatchGraphAsync(GraphId)).GetProperty("channel").GetString());
    }

    [Fact]
    public async Task The_port_of_its_own_serves_sockets_and_health_alone()
    {
        await using var server = await LiveServer.StartAsync();
        await using var client = await LiveClient.ConnectAsync(server.Address(port: server.OwnPort));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.OwnPort}") };

        Assert.Equal("pong", (await client.AskAsync("""{"method":"heartbeat"}""")).GetProperty("data").GetString());
        Assert.Equal("""{"status":"healthy"}""", await http.GetStringAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/api/graphs", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.UpgradeRequired, (await http.GetAsync(new Uri("/ws", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_client_that_closes_gets_its_close_back()
    {
        await using var server = await LiveServer.StartAsync();
        await using var client = await server.ConnectAsync();

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await client.CloseAsync());
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var server = await LiveServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.WatchGraphAsync(GraphId);

        var stopping = server.StopAsync();
        Assert.Null(await client.NextBytesAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);
        await client.CloseAsync();

        await stopping;
    }

    [Fact]
    public async Task There_is_a_limit_to_subscriptions()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxSubscriptions = 2);
        await using var client = await server.ConnectAsync();
        await client.WatchGraphAsync(GraphId);
        await client.WatchGraphAsync(server.NewId().ToString());

        Assert.Equal("A connection may have 2 subscriptions at most", (await client.WatchGraphAsync(server.NewId().ToString())).GetProperty("error").GetString());
        Assert.True((await client.WatchGraphAsync(GraphId)).GetProperty("success").GetBoolean());
    }

    [Fact]
    public async Task There_is_a_limit_to_the_sockets_of_a_user()
    {
        const string Ping = """{"method":"heartbeat"}""";
        await using var server = await LiveServer.StartAsync(options => options.MaxSocketsPerUser = 2);
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await first.AskAsync(Ping);
        await second.AskAsync(Ping);
        Assert.Equal(1013, await CodeOfAsync(server, $"?token={Tokens.For(LiveServer.User)}"));
        await using var other = await server.ConnectAsync("user-2");
        Assert.Equal("heartbeat", (await other.AskAsync(Ping)).GetProperty("method").GetString());

        // The place becomes free a moment after the close was answered.
        await second.CloseAsync();
        for (var free = false; !free;)
        {
            await using var next = await server.ConnectAsync();
            await next.SendAsync(Ping);
            free = await next.NextBytesAsync() is not null;
        }
    }

    [Fact]
    public async Task There_is_a_limit_to_the_sockets_of_all()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxSockets = 1);
        await using var client = await server.ConnectAsync();
        await client.AskAsync("""{"method":"heartbeat"}""");
        Assert.Equal(1013, await CodeOfAsync(server, $"?token={Tokens.For("user-2")}"));
    }

    [Fact]
    public async Task Notifications_go_to_every_socket_of_the_user()
    {
        await using var server = await LiveServer.StartAsync();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await using var stranger = await server.ConnectAsync("user-2");
        await first.AskAsync("""{"method":"heartbeat"}""");
        await second.AskAsync("""{"method":"heartbeat"}""");

        server.Services.GetRequiredService<LiveRuns>().Notify(LiveServer.User, JsonElement.Parse("""{"type":"onboarding","event":"increment_runs","step":null}"""));

        const string expected = """{"method":"notification","data":{"type":"onboarding","event":"increment_runs","step":null},"success":null,"channel":null,"error":null}""";
        Assert.Equal(expected, (await first.NextOfAllAsync()).GetRawText());
        Assert.Equal(expected, (await second.NextOfAllAsync()).GetRawText());
        Assert.Equal("heartbeat", (await stranger.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
    }

    private static string Done(string method, string? channel) =>
        $$"""{"method":"{{method}}","data":null,"success":true,"channel":{{(channel is null ? "null" : $"\"{channel}\"")}},"error":null}""";

    /// <summary>Sends a message and compares the reply. Events of runs that the client follows may come before it.</summary>
    private static async Task ExpectAsync(LiveClient client, string message, string reply)
    {
        var answer = await client.AskAsync(message);
        while (answer.GetProperty("method").GetString()!.EndsWith("_event", StringComparison.Ordinal)) answer = await client.NextAsync();
        Assert.Equal(reply, answer.GetRawText());
    }

    private static async Task ClosedWithAsync(LiveServer server, WebSocketCloseStatus status, Func<LiveClient, Task> act)
    {
        await using var client = await server.ConnectAsync();
        await act(client);
        Assert.Null(await client.NextBytesAsync());
        Assert.Equal(status, client.CloseStatus);
    }

    private static async Task<int> CodeOfAsync(LiveServer server, string query)
    {
        await using var client = await LiveClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/ws{query}"));
        Assert.Null(await client.NextBytesAsync());
        return (int)client.CloseStatus!;
    }
}
