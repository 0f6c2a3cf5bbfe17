using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Grainflow.Gateway.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Local;

/// <summary>The server's side of a connection that leads to a client in the same process. Messages are whole: a client sends each with one call.</summary>
internal sealed class LocalSocket(Func<JsonElement, Task> received) : WebSocket, Microsoft.AspNetCore.Http.Features.IHttpWebSocketFeature
{
    private readonly Channel<ReadOnlyMemory<byte>> _sent = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });
    private ReadOnlyMemory<byte> _reading;
    private MemoryStream? _partly;
    private volatile WebSocketState _state = WebSocketState.Open;

    public bool IsWebSocketRequest => true;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    /// <summary>Why the server has closed the connection; null while it is open, and when the connection has ended in another way.</summary>
    public WebSocketCloseStatus? ServerStatus { get; private set; }

    public override string? SubProtocol => null;

    public override WebSocketState State => _state;

    public Task<WebSocket> AcceptAsync(WebSocketAcceptContext context) => Task.FromResult<WebSocket>(this);

    /// <summary>A message of the client.</summary>
    public void Post(ReadOnlyMemory<byte> message) => _sent.Writer.TryWrite(message);

    /// <summary>The client leaves.</summary>
    public void Leave() => _sent.Writer.TryComplete();

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await ReceiveAsync(buffer.AsMemory(), cancellationToken);
        return new WebSocketReceiveResult(result.Count, result.MessageType, result.EndOfMessage);
    }

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_reading.IsEmpty)
        {
            if (!await _sent.Reader.WaitToReadAsync(cancellationToken) || !_sent.Reader.TryRead(out _reading))
            {
                _state = WebSocketState.CloseReceived;
                return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
            }
        }

        var count = Math.Min(buffer.Length, _reading.Length);
        _reading[..count].CopyTo(buffer);
        _reading = _reading[count..];
        return new ValueWebSocketReceiveResult(count, WebSocketMessageType.Text, _reading.IsEmpty);
    }

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        if (!endOfMessage || _partly is not null) (_partly ??= new MemoryStream()).Write(buffer.Span);
        if (!endOfMessage) return;
        var message = _partly is null ? JsonElement.Parse(buffer.Span) : JsonElement.Parse(_partly.GetBuffer().AsSpan(0, (int)_partly.Length));
        _partly = null;
        await received(message);
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        ServerStatus = closeStatus;
        _state = WebSocketState.Closed;
        Leave();
        return Task.CompletedTask;
    }

    public override void Abort()
    {
        _state = WebSocketState.Aborted;
        _sent.Writer.TryComplete(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));
    }

    public override void Dispose() => Leave();
}

/// <summary>A connection to the live events of a user.</summary>
public sealed class LocalConnection : IAsyncDisposable
{
    private readonly LocalSocket _socket;

    internal LocalConnection(LocalSocket socket, Task served) => (_socket, Ended) = (socket, served);

    /// <summary>Completes when the server has ended the connection.</summary>
    public Task Ended { get; }

    /// <summary>True when it has ended because the server does not accept the token.</summary>
    public bool IsRefused => (int?)_socket.ServerStatus is CloseCodes.NoToken or CloseCodes.NoSubject or CloseCodes.InvalidToken;

    /// <summary>Sends a message of the contract, for example a subscription.</summary>
    /// <param name="method">The method, for example <c>subscribe_graph_execution</c>.</param>
    /// <param name="data">Its data.</param>
    public void Send(string method, object data) => _socket.Post(JsonSerializer.SerializeToUtf8Bytes(new { method, data }));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Leave();
        // What has failed there is in the log of the gateway.
        await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
