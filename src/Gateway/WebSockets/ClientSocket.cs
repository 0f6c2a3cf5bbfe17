using System.Buffers;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>One connection: a loop that reads the messages of the client, and one that sends the messages that wait for it.</summary>
internal sealed partial class ClientSocket : IDisposable
{
    /// <summary>About how much is sent with one system call; collecting more would delay the first message without saving much.</summary>
    private const int PieceBytes = 64 * 1024;

    private readonly WebSocket _socket;
    private readonly HeldStream? _connection;
    private readonly LiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Outbox _outbox;
    private readonly CancellationTokenSource _ended = new();
    private volatile Closing? _close;

    /// <summary>Serves a connection from <see cref="RunAsync"/> on.</summary>
    /// <param name="socket">The connection as a WebSocket.</param>
    /// <param name="connection">The stream below it, which collects messages; null to send each by itself.</param>
    /// <param name="options">Limits.</param>
    /// <param name="clock">Measures the time-outs.</param>
    /// <param name="logger">Gets a line for each client that is dropped.</param>
    public ClientSocket(WebSocket socket, HeldStream? connection, LiveOptions options, TimeProvider clock, ILogger logger)
    {
        _socket = socket;
        _connection = connection;
        _options = options;
        _clock = clock;
        _logger = logger;
        _outbox = new Outbox(options.MaxWaitingMessages, options.MaxWaitingBytes);
    }

    public int MaxSubscriptions => _options.MaxSubscriptions;

    /// <summary>How many messages wait to be sent.</summary>
    public int Waiting => _outbox.Count;

    /// <summary>Adds a message to the queue. Never waits; a client that is too far behind is dropped.</summary>
    public void Post(Frame frame)
    {
        if (!_outbox.Post(frame)) DropSlow();
    }

    /// <summary>Waits until the queue has room, for a sender that can wait.</summary>
    public Task RoomAsync(CancellationToken cancellationToken) => _outbox.RoomAsync(cancellationToken);

    /// <summary>Closes with 1011 (internal error).</summary>
    public void Fail() => Close(WebSocketCloseStatus.InternalServerError, "internal error");

    /// <summary>Begins the closing handshake; messages that wait are dropped.</summary>
    public void Close(WebSocketCloseStatus status, string text)
    {
        Interlocked.CompareExchange(ref _close, new Closing(status, text), null);
        _outbox.Close();
    }

    /// <summary>Serves the client until the connection ends.</summary>
    /// <param name="handle">Called for each message of the client, one at a time; it answers through <see cref="Post"/>.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, Task> handle)
    {
        var sending = SendAsync();
        try
        {
            await ReceiveAsync(handle);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection broke, or was dropped by Drop. No answer can be sent.
        }

        _outbox.Close();
        await sending;
        await _ended.CancelAsync();
    }

    public void Dispose() => _ended.Dispose();

    private async Task ReceiveAsync(Func<ReadOnlyMemory<byte>, Task> handle)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(4096, _options.MaxClientMessageBytes));
        try
        {
            var length = 0;
            while (true)
            {
                if (_close is null) await _outbox.RoomAsync(_ended.Token);
                if (length == buffer.Length) buffer = Grow(buffer);
                var received = await _socket.ReceiveAsync(buffer.AsMemory(length), _ended.Token);
                if (received.MessageType == WebSocketMessageType.Close) return;
                length += received.Count;
                // While closing, messages of the client are read and ignored until it answers the close.
                if (_close is null && received.MessageType == WebSocketMessageType.Binary) Close(WebSocketCloseStatus.InvalidMessageType, "messages are text");
                if (_close is null && length > _options.MaxClientMessageBytes) Close(WebSocketCloseStatus.MessageTooBig, $"a message may have {_options.MaxClientMessageBytes} bytes");
                if (_close is null && received.EndOfMessage) await handle(buffer.AsMemory(0, length));
                if (_close is not null || received.EndOfMessage) length = 0;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _outbox.ReadyAsync())
            {
                var sent = SendPieceAsync();
                if (!sent.IsCompletedSuccessfully) await sent.WaitAsync(_options.SendTimeout, _clock, _ended.Token);
            }

            var (status, text) = _close ?? new Closing(WebSocketCloseStatus.NormalClosure, "");
            if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
            await _socket.CloseOutputAsync(status, text, CancellationToken.None).WaitAsync(_options.CloseTimeout, _clock, _ended.Token);
            if (_socket.State is WebSocketState.CloseSent) _ = DropUnansweredAsync();
        }
        catch (TimeoutException)
        {
            DropSlow();
        }
        catch (Exception)
        {
            // The connection broke. The loop that reads ends for the same reason.
            Drop();
        }
    }

    private async Task SendPieceAsync()
    {
        _connection?.Hold();
        for (var bytes = 0; bytes < PieceBytes && _outbox.TryDequeue(out var frame); bytes += frame.Bytes.Length)
            await _socket.SendAsync(frame.Bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (_connection is not null) await _connection.ReleaseAsync();
    }

    private async Task DropUnansweredAsync()
    {
        try
        {
            await Task.Delay(_options.CloseTimeout, _clock, _ended.Token);
            Drop();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The client answered, or the connection ended.
        }
    }

    /// <summary>Ends the connection without a closing handshake.</summary>
    private void Drop()
    {
        _outbox.Close();
        _socket.Abort();
    }

    /// <summary>Ends the connection of a client that is too slow. It may be called under a lock, so only the queue is closed at once.</summary>
    private void DropSlow()
    {
        _outbox.Close();
        ThreadPool.QueueUserWorkItem(
            static client =>
            {
                client.TooSlow();
                client._socket.Abort();
            },
            this,
            preferLocal: false);
    }

    private sealed record Closing(WebSocketCloseStatus Status, string Text);

    [LoggerMessage(2104, LogLevel.Information, "A client was dropped because it does not read what it is sent.")]
    private partial void TooSlow();
}
