using System.Net;
using System.Net.Sockets;

namespace Grainflow.Blocks.Http;

/// <summary>
/// Opens the connections of <see cref="OutgoingHttp"/> and <see cref="OutgoingStreams"/>: resolves the name once, refuses it when one of its addresses is not public, and
/// connects to the addresses that were checked, so that a name which changes its address in between leads nowhere else. TLS and the Host
/// header keep the name.
/// </summary>
/// <param name="trusted">Endpoints whose addresses are not checked.</param>
/// <param name="resolve">Resolves a name to its addresses.</param>
internal sealed class GuardedConnector(IReadOnlyList<TrustedEndpoint> trusted, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>Opens a connection for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="OutgoingHttpException">The name has no address, or one that is refused.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await ConnectAsync(context.InitialRequestMessage.RequestUri!, context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken);

    /// <summary>Opens a connection.</summary>
    /// <param name="address">The address that is reached, by which trusted endpoints are found.</param>
    /// <param name="host">The host of the address, as it is resolved.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Cancels the connecting.</param>
    /// <exception cref="OutgoingHttpException">The name has no address, or one that is refused.</exception>
    public async Task<Stream> ConnectAsync(Uri address, string host, int port, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host, cancellationToken);
        if (!trusted.Any(endpoint => endpoint.Covers(address))) Check(address, addresses);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal)) return [literal];
        try
        {
            var addresses = await resolve(host, cancellationToken);
            if (addresses.Length > 0) return addresses;
        }
        catch (SocketException e)
        {
            throw new OutgoingHttpException(Unresolvable(host), e);
        }

        throw new OutgoingHttpException(Unresolvable(host));
    }

    private static string Unresolvable(string host) => $"Unable to resolve IP address for hostname {host}";

    // One private address refuses the whole name: a mixture of public and private addresses is how a check of the first one is evaded.
    private static void Check(Uri address, IPAddress[] addresses)
    {
        foreach (var candidate in addresses)
        {
            if (AddressRules.FindRefusal(candidate) is not { } reason) continue;
            var endpoint = address.IsDefaultPort ? address.IdnHost : $"{address.IdnHost}:{address.Port}";
            throw new OutgoingHttpException(
                $"Access to {endpoint} is refused: {candidate} is {reason}. An administrator can allow it by adding \"{endpoint}\" to TRUST_ENDPOINTS_FOR_REQUESTS.");
        }
    }
}
