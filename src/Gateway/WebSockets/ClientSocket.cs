using System.Buffers;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.WebSockets;

/// <summary>One connection: a loop that reads what the client says, and one that sends what waits for it.</summary>
internal sealed partial class ClientSocket : IDisposable
{
    /// <summary>How much is sent in one piece: more would only delay the beginning of it.</summary>
    private const int PieceBytes = 64 * 1024;

    private readonly WebSocket _socket;
    private readonly HeldStream? _connection;
    private readonly LiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Outbox _outbox;
    private readonly CancellationTokenSource _ended = new();
    private volatile Closing? _close;

    /// <summary>Takes over a connection.</summary>
    /// <param name="socket">The connection as a WebSocket.</param>
    /// <param name="connection">What it is made over, so that messages can leave together; null where each leaves alone.</param>
    /// <param name="options">Limits.</param>
    /// <param name="clock">For the limits of time.</param>
    /// <param name="logger">Hears of clients that are dropped.</param>
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

    /// <summary>Messages that wait to be sent.</summary>
    public int Waiting => _outbox.Count;

    /// <summary>Puts a message into the queue. Never waits; a client that is hopelessly behind is dropped.</summary>
    public void Post(Frame frame)
    {
        if (_outbox.Post(frame)) return;
        TooSlow();
        Drop();
    }

    /// <summary>Puts a message into the queue when there is room.</summary>
    public async Task PostWithRoomAsync(Frame frame, CancellationToken cancellationToken)
    {
        await _outbox.RoomAsync(cancellationToken);
        Post(frame);
    }

    /// <summary>Closes because something broke on this side.</summary>
    public void Fail() => Close(WebSocketCloseStatus.InternalServerError, "internal error");

    /// <summary>Asks the client to close; what waits is not sent any more.</summary>
    public void Close(WebSocketCloseStatus status, string text)
    {
        Interlocked.CompareExchange(ref _close, new Closing(status, text), null);
        _outbox.Close();
    }

    /// <summary>Serves the client until the connection ends.</summary>
    /// <param name="handle">Takes a message of the client; it answers through <see cref="Post"/>.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, Task> handle)
    {
        var sending = SendAsync();
        try
        {
            await ReceiveAsync(handle);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection broke, or was dropped here. There is nobody to tell.
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
                // Once closing, what the client still says is let go by, until it answers the close.
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
            TooSlow();
            Drop();
        }
        catch (Exception)
        {
            // The connection broke, in whatever way; the reading side finds the same.
            Drop();
        }
    }

    private async Task SendPieceAsync()
    {
        _connection?.Hold();
        for (var bytes = 0; bytes < PieceBytes && _outbox.TryTake(out var frame); bytes += frame.Bytes.Length)
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
            // It was answered.
        }
    }

    /// <summary>Ends the connection without a word. It may be called under a lock, so the work is done elsewhere.</summary>
    private void Drop()
    {
        _outbox.Close();
        ThreadPool.QueueUserWorkItem(static socket => socket.Abort(), _socket, preferLocal: false);
    }

    private sealed record Closing(WebSocketCloseStatus Status, string Text);

    [LoggerMessage(2104, LogLevel.Information, "A client was dropped because it does not read what it is sent.")]
    private partial void TooSlow();
}
