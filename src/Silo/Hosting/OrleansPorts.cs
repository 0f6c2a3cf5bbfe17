using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Silo.Hosting;

/// <summary>The ports that Orleans listens on.</summary>
/// <param name="Silo">The port between silos.</param>
/// <param name="Gateway">The port for gateways, which are clients of Orleans; 0 for none, as in a server that is alone.</param>
internal sealed record OrleansPorts(int Silo, int Gateway = 0)
{
    private const int Attempts = 5;

    /// <summary>
    /// Builds a host with free ports and starts it. Orleans needs the ports before it listens on them, so another process may open one in between; then it
    /// tries again with other ports.
    /// </summary>
    /// <param name="build">Builds a host whose silo listens on the ports.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="choose">Chooses the ports of an attempt, which are counted from 1; null for a free silo port alone.</param>
    /// <returns>The host, started.</returns>
    public static async Task<THost> StartAsync<THost>(Func<OrleansPorts, THost> build, CancellationToken cancellationToken, Func<int, OrleansPorts>? choose = null)
        where THost : IHost
    {
        for (var attempt = 1; ; attempt++)
        {
            var ports = choose is null ? new OrleansPorts(Free(IPAddress.Loopback)) : choose(attempt);
            var host = build(ports);
            try
            {
                await host.StartAsync(cancellationToken);
                return host;
            }
            catch (Exception exception) when (attempt < Attempts && (IsAddressInUse(exception) || IsTaken(ports.Silo) || IsTaken(ports.Gateway)))
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

    /// <summary>A port that nobody listens on at this moment.</summary>
    /// <param name="address">An address of this machine.</param>
    public static int Free(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Whether somebody listens on a port of this machine.</summary>
    /// <param name="port">The port; 0 is never taken.</param>
    public static bool IsTaken(int port)
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

    private static async ValueTask DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else host.Dispose();
    }
}

/// <summary>
/// Chooses the ports of a silo of a cluster, and keeps them in the data folder: at its old address a restarted silo is the successor of the one before, which
/// Orleans then declares dead at once instead of after missed probes.
/// </summary>
/// <param name="cluster">The settings; a port other than 0 is taken as it is.</param>
/// <param name="folder">The data folder.</param>
/// <param name="httpPort">The port of the web server, by which the processes of one machine are told apart.</param>
internal sealed class KeptPorts(ClusterSettings cluster, string folder, int httpPort)
{
    private string FilePath => Path.Combine(folder, $"orleans-{httpPort}.json");

    /// <summary>The ports of an attempt: those of the last start first, then free ones.</summary>
    /// <param name="attempt">From 1.</param>
    /// <exception cref="SettingsException">A port that the settings name is taken.</exception>
    public OrleansPorts Choose(int attempt)
    {
        var kept = attempt == 1 ? Read() : null;
        return new OrleansPorts(
            Port("ORLEANS_SILO_PORT", cluster.SiloPort, kept?.Silo),
            Port("ORLEANS_GATEWAY_PORT", cluster.GatewayPort, kept?.Gateway));
    }

    /// <summary>Keeps the ports for the next start. It replaces the file in one step, so that a reader does not see half of it.</summary>
    public void Keep(OrleansPorts ports)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(FilePath + ".new", JsonSerializer.Serialize(ports));
        File.Move(FilePath + ".new", FilePath, overwrite: true);
    }

    private int Port(string name, int given, int? kept)
    {
        if (given == 0) return kept is > 0 and <= IPEndPoint.MaxPort && !OrleansPorts.IsTaken(kept.Value) ? kept.Value : OrleansPorts.Free(cluster.Address);
        return OrleansPorts.IsTaken(given) ? throw new SettingsException($"{name} is {given}, and another process listens on it. Stop that one, or choose another port (0 for a free one).") : given;
    }

    /// <summary>The ports of the last start; null when there was none or the file cannot be read, which costs a quick succession only.</summary>
    private OrleansPorts? Read()
    {
        try
        {
            return JsonSerializer.Deserialize<OrleansPorts>(File.ReadAllText(FilePath));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
