using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Grainflow.Blocks.Tests.Http;

/// <summary>A server on a free port of 127.0.0.1 that runs a test's script on each connection, byte by byte.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Task> _connections = [];
    private readonly Func<Connection, Task> _script;
    private readonly Task _accepting;

    /// <summary>Starts a server.</summary>
    /// <param name="script">Serves one connection, which is closed when it returns.</param>
    public RawServer(Func<Connection, Task> script)
    {
        _script = script;
        _listener.Start(512);
        Origin = $"http://{_listener.LocalEndpoint}";
        _accepting = AcceptAsync();
    }

    /// <summary>For example <c>http://127.0.0.1:41234</c>.</summary>
    public string Origin { get; }

    /// <summary>Every request that arrived completely, in order.</summary>
    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>Closes the server and fails when a script failed.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (var number = 1; ; number++) _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(), number));
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket, int number)
    {
        using var connection = new Connection(this, socket, number);
        try
        {
            await _script(connection);
        }
        catch (IOException)
        {
            // The client has closed the connection.
        }
    }

    /// <summary>A request as it arrived.</summary>
    /// <param name="Connection">The number of its connection, from 1 in the order of their acceptance.</param>
    /// <param name="Method">The method.</param>
    /// <param name="Target">The path and query.</param>
    /// <param name="Head">The request line and all headers.</param>
    /// <param name="Body">The body, or "".</param>
    internal sealed record Request(int Connection, string Method, string Target, string Head, string Body);

    /// <summary>One connection.</summary>
    internal sealed class Connection(RawServer server, Socket socket, int number) : IDisposable
    {
        private readonly NetworkStream _stream = new(socket, ownsSocket: true);
        private readonly List<byte> _received = [];

        /// <summary>From 1, in the order in which connections were accepted.</summary>
        public int Number => number;

        /// <summary>Waits for a whole request and counts it; null when the client closed the connection instead.</summary>
        public async Task<Request?> ReceiveAsync()
        {
            if (await ReceiveHeadAsync() is not { } head) return null;
            var lines = head.Split("\r\n");
            var length = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line[15..], CultureInfo.InvariantCulture)).SingleOrDefault();
            var body = await TakeAsync(() => _received.Count >= length ? length : null);
            if (body is null) return null;
            var words = lines[0].Split(' ');
            var request = new Request(number, words[0], words[1], head, body);
            server.Requests.Enqueue(request);
            return request;
        }

        /// <summary>Waits for the request line and the headers of a request and does not count it; null when the client closed the connection instead.</summary>
        public Task<string?> ReceiveHeadAsync() =>
            TakeAsync(() => Encoding.Latin1.GetString([.. _received]).IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0 ? end + 4 : null);

        /// <summary>Sends a text as it is.</summary>
        public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));

        /// <summary>Answers a request with 200 and "ok" and announces no end of the connection.</summary>
        public Task AnswerAsync(Request request, string version = "HTTP/1.1") => SendAsync($"{version} 200 OK\r\nContent-Length: 2\r\n\r\n{(request.Method == "HEAD" ? "" : "ok")}");

        /// <summary>Ends the connection in order, after everything that was sent.</summary>
        public void Close() => _stream.Dispose();

        /// <summary>Ends the connection by a reset (RST).</summary>
        public void Reset()
        {
            // Disposing the stream would end the connection in order first.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }

        public void Dispose() => _stream.Dispose();

        private async Task<string?> TakeAsync(Func<int?> findLength)
        {
            var buffer = new byte[8192];
            while (true)
            {
                if (findLength() is { } length)
                {
                    var taken = Encoding.UTF8.GetString([.. _received[..length]]);
                    _received.RemoveRange(0, length);
                    return taken;
                }

                var count = await _stream.ReadAsync(buffer);
                if (count == 0) return null;
                _received.AddRange(buffer.AsSpan(0, count));
            }
        }
    }
}
