using System.Net;
using System.Net.Sockets;

namespace Grainflow.TestSupport;

/// <summary>
/// Ports of loopback for servers that must know theirs before they start. They lie below those that the system gives to outgoing
/// connections, which may take any of their own the moment after somebody found it free.
/// </summary>
public static class FreePorts
{
    private const int First = 15_000;
    private const int Count = 17_000;

    // Test programs that run at the same time begin at different places.
    private static int s_next = Environment.ProcessId * 101;

    /// <summary>A port that nobody listens on and nobody else is given, and the one after it.</summary>
    public static int Pair()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Add(ref s_next, 2) % (Count / 2) * 2);
            if (IsFree(port) && IsFree(port + 1)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
