using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>A client of the WebSocket endpoint.</summary>
internal sealed class LiveClient : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

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

    public async Task<JsonElement> NextAsync() => JsonElement.Parse(
        await NextBytesAsync() ?? throw new InvalidOperationException($"The server closed: {_socket.CloseStatus} {_socket.CloseStatusDescription}"), JsonValues.DocumentOptions);

    /// <summary>The next message; null when the server closes.</summary>
    public async Task<byte[]?> NextBytesAsync()
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
