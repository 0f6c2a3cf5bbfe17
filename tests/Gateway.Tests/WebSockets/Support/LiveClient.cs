using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>A client of the WebSocket endpoint.</summary>
internal sealed class LiveClient : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>Opens a socket of a user and waits until its gateway is registered.</summary>
    public static async Task<LiveClient> ListenAsync(ApiServer server, string user)
    {
        var token = Tokens.Of(new { sub = user, role = "authenticated", aud = "authenticated" }, ApiServer.Key);
        var client = await ConnectAsync(new Uri($"{server.Address.Replace("http", "ws", StringComparison.Ordinal)}/ws?token={token}"));
        using var limit = new CancellationTokenSource(Patience);
        var listeners = server.Services.GetRequiredService<IGrainFactory>().GetGrain<ILogListenersGrain>(user);
        while (!await listeners.Publish([]))
        {
            limit.Token.ThrowIfCancellationRequested();
            // Something to wait for in between.
            await client.AskAsync("""{"method":"heartbeat"}""");
        }

        return client;
    }

    public static async Task<LiveClient> ConnectAsync(Uri address)
    {
        var client = new LiveClient();
        await client._socket.ConnectAsync(address, TestContext.Current.CancellationToken).WaitAsync(Patience);
        return client;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] bytes, WebSocketMessageType type, bool end = true) =>
        _socket.SendAsync(bytes, type, end, TestContext.Current.CancellationToken).WaitAsync(Patience);

    /// <summary>Sends a message and takes the reply that must be next.</summary>
    public async Task<JsonElement> AskAsync(string text)
    {
        await SendAsync(text);
        return await NextAsync();
    }

    public async Task<JsonElement> WatchRunAsync(Guid runId, long? fromSequence = null) => await AskAsync(
        $$$"""{"method": "subscribe_graph_execution", "data": {"graph_exec_id": "{{{runId}}}", "from_seq": {{{fromSequence?.ToString() ?? "null"}}}}}""");

    public async Task<JsonElement> WatchGraphAsync(string graphId) =>
        await AskAsync($$$"""{"method": "subscribe_graph_executions", "data": {"graph_id": "{{{graphId}}}"}}""");

    /// <summary>The next message that is no notification of onboarding; those come a second after a run and beside everything else.</summary>
    public async Task<JsonElement> NextAsync() => Parsed(await NextBytesAsync());

    /// <summary>The next message, whatever it is.</summary>
    public async Task<JsonElement> NextOfAllAsync() => Parsed(await NextBytesOfAllAsync());

    /// <summary>The bytes of <see cref="NextAsync"/>; null when the server closes.</summary>
    public async Task<byte[]?> NextBytesAsync()
    {
        while (true)
        {
            var message = await NextBytesOfAllAsync();
            if (message is null || !message.AsSpan().StartsWith("""{"method":"notification","data":{"type":"onboarding","""u8)) return message;
        }
    }

    private async Task<byte[]?> NextBytesOfAllAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            var received = await _socket.ReceiveAsync(buffer, limit.Token);
            if (received.MessageType == WebSocketMessageType.Close) return null;
            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            await message.WriteAsync(buffer.AsMemory(0, received.Count), limit.Token);
            if (received.EndOfMessage) return message.ToArray();
        }
    }

    private JsonElement Parsed(byte[]? message) => JsonElement.Parse(
        message ?? throw new InvalidOperationException($"The server closed: {_socket.CloseStatus} {_socket.CloseStatusDescription}"), JsonValues.DocumentOptions);

    /// <summary>Every message until the run has ended and, on its own channel, as far as the last of them.</summary>
    public async Task<List<JsonElement>> UntilEndAsync()
    {
        var messages = new List<JsonElement>();
        do messages.Add(await NextAsync());
        while (!IsEnd(messages[^1]));
        return messages;
    }

    public static bool IsEnd(JsonElement message) =>
        message.GetProperty("method").GetString() == "graph_execution_event"
        && message.GetProperty("data").GetProperty("status").GetString() is "COMPLETED" or "FAILED" or "TERMINATED";

    public static long Sequence(JsonElement message) => message.GetProperty("data").GetProperty("seq").GetInt64();

    /// <summary>Closes and returns the code with which the server answers.</summary>
    public async Task<WebSocketCloseStatus?> CloseAsync()
    {
        await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken).WaitAsync(Patience);
        return _socket.CloseStatus;
    }

    public void Abort() => _socket.Abort();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
