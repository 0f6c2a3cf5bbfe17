using System.Net;
using System.Net.Security;

namespace Grainflow.Blocks.Http;

/// <summary>Opens the connections of blocks that do not speak HTTP, such as to mail servers, by the rules of <see cref="IOutgoingHttp"/>: to public addresses and trusted endpoints only.</summary>
public interface IOutgoingStreams
{
    /// <summary>Checks the certificates of servers in place of the system; null for the system's check, which is what blocks have in production.</summary>
    RemoteCertificateValidationCallback? CertificateCheck { get; }

    /// <summary>Opens a connection without TLS; the caller disposes it.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="cancellationToken">Cancels the connecting.</param>
    /// <exception cref="OutgoingHttpException">The host is none, is refused, or cannot be reached.</exception>
    Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IOutgoingStreams"/>
public sealed class OutgoingStreams : IOutgoingStreams
{
    private readonly GuardedConnector _connector;

    /// <summary>Makes it. One serves the whole process.</summary>
    /// <param name="options">Settings; trusted endpoints with a scheme do not count here.</param>
    /// <param name="resolve">Resolves a name to its addresses; null for the system's resolver.</param>
    /// <exception cref="FormatException">A trusted endpoint is not written as one.</exception>
    public OutgoingStreams(OutgoingHttpOptions options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null) =>
        _connector = new GuardedConnector([.. options.TrustedEndpoints.Select(TrustedEndpoint.Parse)], resolve ?? Dns.GetHostAddressesAsync);

    /// <inheritdoc/>
    public RemoteCertificateValidationCallback? CertificateCheck => null;

    /// <inheritdoc/>
    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var name = host.Trim();
        if (port is < 1 or > IPEndPoint.MaxPort || Uri.CheckHostName(name) == UriHostNameType.Unknown
            || !Uri.TryCreate($"tcp://{(name.Contains(':', StringComparison.Ordinal) && !name.StartsWith('[') ? $"[{name}]" : name)}:{port}", UriKind.Absolute, out var address))
            throw new OutgoingHttpException($"'{host}' with port {port} is no host to connect to");
        try
        {
            return await _connector.ConnectAsync(address, address.IdnHost, port, cancellationToken);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new OutgoingHttpException($"{name}:{port} cannot be reached: {e.Message}", e);
        }
    }
}
