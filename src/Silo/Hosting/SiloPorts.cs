using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// Chooses ports on loopback for silos. Orleans needs the port before it listens on it, so another process may open the port in between.
/// </summary>
internal static class SiloPorts
{
    private const int Attempts = 5;

    /// <summary>Builds a host with a free port and starts it. When another process has opened the port meanwhile, it tries again with another port.</summary>
    /// <param name="build">Builds a host whose silo listens on the port.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="choose">Chooses a port, or null for a free one.</param>
    /// <returns>The host, started.</returns>
    public static async Task<THost> StartAsync<THost>(Func<int, THost> build, CancellationToken cancellationToken, Func<int>? choose = null)
        where THost : IHost
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = (choose ?? Free)();
            var host = build(port);
            try
            {
                await host.StartAsync(cancellationToken);
                return host;
            }
            catch (Exception exception) when (attempt < Attempts && (IsAddressInUse(exception) || IsTaken(port)))
            {
                await DisposeAsync(host);
            }
            catch
            {
                await DisposeAsync(host);
                throw;
            }
        }
    }

    private static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>
    /// True for the error of a silo port that was taken. The port may be free again: a connection that the system gave it to may have ended. The port of the
    /// web server, which the user chose, is reported by another exception; another silo port would not help.
    /// </summary>
    private static bool IsAddressInUse(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AddressInUseException) return false;
            if (cause is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }) return true;
        }

        return false;
    }

    private static bool IsTaken(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async ValueTask DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else host.Dispose();
    }
}
