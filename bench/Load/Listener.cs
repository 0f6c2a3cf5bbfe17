using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Grainflow.Load;

/// <summary>
/// A WebSocket client that does as little as a client can: it counts messages, and reads out of some of them when they happened. A
/// thousand complete clients would take more of the machine than the server.
/// </summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = new byte[64 * 1024];

    /// <summary>Events that came.</summary>
    public int Events { get; private set; }

    /// <summary>From when an event was recorded by the server, before its commit, until it was read here, in milliseconds.</summary>
    public List<double> Delays { get; } = [];

    /// <summary>The last event of the execution has come.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Connects and subscribes to an execution, to what comes from now on.</summary>
    public async Task SubscribeAsync(Uri server, string token, string executionId)
    {
        await _socket.ConnectAsync(server.Host, server.Port);
        await SendAsync(Encoding.ASCII.GetBytes(
            $"GET /ws?token={token} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        _ = ReadAsync();
        await SendAsync(Frame($$$"""{"method": "subscribe_graph_execution", "data": {"graph_exec_id": "{{{executionId}}}"} }"""));
        await _subscribed.Task;
    }

    public void Dispose() => _socket.Dispose();

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    // Masked, as clients must; a mask of zeros leaves the text as it is.
    private static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)] : [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [0x81, .. length, 0, 0, 0, 0, .. payload];
    }

    private async Task ReadAsync()
    {
        var (length, upgraded) = (0, false);
        try
        {
            while (await _socket.ReceiveAsync(_buffer.AsMemory(length)) is > 0 and var read)
            {
                length += read;
                var taken = 0;
                if (!upgraded)
                {
                    if (_buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is not (>= 0 and var end)) continue;
                    if (!_buffer.AsSpan(0, length).StartsWith("HTTP/1.1 101"u8)) throw new InvalidOperationException(Encoding.ASCII.GetString(_buffer, 0, end));
                    (taken, upgraded) = (end + 4, true);
                }

                taken += TakeMessages(_buffer.AsSpan(taken, length - taken));
                _buffer.AsSpan(taken, length - taken).CopyTo(_buffer);
                length -= taken;
                if (length == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
            }

            throw new InvalidOperationException("The server closed the connection.");
        }
        catch (Exception exception)
        {
            _subscribed.TrySetException(exception);
            _ended.TrySetException(exception);
        }
    }

    private int TakeMessages(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (true)
        {
            var rest = bytes[taken..];
            if (rest.Length < 2) return taken;
            var (head, length) = rest[1] switch
            {
                < 126 => (2, rest[1]),
                126 when rest.Length >= 4 => (4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..])),
                127 when rest.Length >= 10 => (10, (int)BinaryPrimitives.ReadInt64BigEndian(rest[2..])),
                _ => (0, 0),
            };
            if (head == 0 || rest.Length < head + length) return taken;
            // Pings are left unanswered: a measurement ends before the server minds.
            if ((rest[0] & 0x0F) == 1) Take(rest.Slice(head, length));
            taken += head + length;
        }
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        if (message.StartsWith("""{"method":"node_execution_event"""u8))
        {
            Events++;
            if (message.IndexOf("\"end_time\":\""u8) is >= 0 and var place) Delays.Add(DelaySince(message[(place + 12)..]));
        }
        else if (message.StartsWith("""{"method":"graph_execution_event"""u8))
        {
            Events++;
            if (message.IndexOf("\"status\":\"COMPLETED\""u8) >= 0) _ended.TrySetResult();
        }
        else if (message.IndexOf("\"success\":true"u8) >= 0)
        {
            _subscribed.TrySetResult();
        }
    }

    private static double DelaySince(ReadOnlySpan<byte> text) =>
        (DateTime.UtcNow - DateTime.Parse(Encoding.ASCII.GetString(text[..text.IndexOf((byte)'"')]), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)).TotalMilliseconds;
}
