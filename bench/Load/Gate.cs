using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Grainflow.Load;

/// <summary>An HTTP server on loopback that answers one request each time it is told to: it sets the pace of the executions that call it.</summary>
internal sealed class Gate : IDisposable
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n1");

    private readonly TcpListener _listener;
    private readonly Lock _lock = new();
    private readonly Queue<NetworkStream> _waiting = new();
    private int _owed;

    public Gate(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start(512);
        Address = $"http://127.0.0.1:{port}/";
        _ = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>Requests that wait for their answer.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _waiting.Count;
        }
    }

    /// <summary>Answers one request, now or as soon as one comes.</summary>
    public async Task ReleaseAsync()
    {
        NetworkStream? request;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out request)) _owed++;
        }

        if (request is not null) await request.WriteAsync(Answer);
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var buffer = new byte[8192];
            var length = 0;
            try
            {
                while (await stream.ReadAsync(buffer.AsMemory(length)) is > 0 and var read)
                {
                    length += read;
                    if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0) continue;
                    length = 0;
                    if (Admits(stream)) await stream.WriteAsync(Answer);
                }
            }
            catch (IOException)
            {
                // The caller has gone.
            }
        }
    }

    private bool Admits(NetworkStream request)
    {
        lock (_lock)
        {
            if (_owed > 0)
            {
                _owed--;
                return true;
            }

            _waiting.Enqueue(request);
            return false;
        }
    }
}
