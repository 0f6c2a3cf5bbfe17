using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Silo.Running;

/// <summary>The texts that a run on a server is making (ADR 0040). They are hints: while the server cannot be reached, the run is followed without them.</summary>
internal sealed class RemoteTexts : IAsyncDisposable
{
    private const int ReadAtOnce = 8192;

    private readonly CancellationTokenSource _left = new();
    private readonly Task _following;

    /// <summary>Begins to ask for them.</summary>
    /// <param name="server">The address of the server.</param>
    /// <param name="runId">The run.</param>
    /// <param name="show">Called with each text so far, one at a time.</param>
    public RemoteTexts(Uri server, string runId, Action<string> show) => _following = FollowAsync(server, runId, show, _left.Token);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await _following;
        _left.Dispose();
    }

    private static async Task FollowAsync(Uri server, string runId, Action<string> show, CancellationToken left)
    {
        using var socket = new ClientWebSocket();
        // The server is on this machine; a proxy of the environment could not reach it.
        socket.Options.Proxy = null;
        try
        {
            await socket.ConnectAsync(new UriBuilder(server) { Scheme = server.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, Path = "/ws" }.Uri, left);
            var wanted = JsonSerializer.SerializeToUtf8Bytes(new { method = "subscribe_graph_execution", data = new { graph_exec_id = runId, partial = true } });
            await socket.SendAsync(wanted, WebSocketMessageType.Text, endOfMessage: true, left);
            var message = new ArrayBufferWriter<byte>(ReadAtOnce);
            while (await socket.ReceiveAsync(message.GetMemory(ReadAtOnce), left) is { MessageType: WebSocketMessageType.Text } read)
            {
                message.Advance(read.Count);
                if (!read.EndOfMessage) continue;
                if (TextOf(JsonValues.ParseUtf8(message.WrittenSpan)) is { } text) show(text);
                message.ResetWrittenCount();
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or JsonException or OperationCanceledException)
        {
            // The run is followed over REST, which says what is wrong with the server.
        }
    }

    private static string? TextOf(JsonElement message)
    {
        if (message.Member("data") is not { ValueKind: JsonValueKind.Object } data || data.Member("is_partial")?.ValueKind != JsonValueKind.True) return null;
        var pins = data.Member("output_data") is { ValueKind: JsonValueKind.Object } outputs ? outputs.EnumerateObject().Select(pin => pin.Value) : [];
        return pins.FirstOrDefault() is { ValueKind: JsonValueKind.Array } values && values.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }
}
