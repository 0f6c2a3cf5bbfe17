using System.Net;
using System.Security.Authentication;

namespace Grainflow.Blocks.Http;

/// <summary>
/// Sends the requests of blocks. Reaches public addresses only (see <see cref="AddressRules"/>) and endpoints that the settings
/// trust; follows up to ten redirects and checks each; keeps no cookies, uses no proxy; bounds time and size.
/// <para>
/// GET, HEAD, PUT and DELETE, and a request with an <c>Idempotency-Key</c>, are sent once more when a kept connection turns out to be
/// closed. Any other request is sent once, and its failure says whether it may have been received.
/// </para>
/// </summary>
public sealed class OutgoingHttp : IOutgoingHttp, IDisposable
{
    private const int MaxRedirects = 10;

    private readonly OutgoingHttpOptions _options;
    private readonly TimeProvider _clock;
    private readonly OutgoingConnections _connections;

    /// <summary>Makes the client. One serves the whole process.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="clock">Measures the time limit; null for the system's.</param>
    /// <param name="resolve">Resolves a name to its addresses; null for the system's resolver.</param>
    /// <exception cref="FormatException">A trusted endpoint is not written as one.</exception>
    public OutgoingHttp(OutgoingHttpOptions options, TimeProvider? clock = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _options = options;
        _clock = clock ?? TimeProvider.System;
        _connections = new OutgoingConnections(new GuardedConnector([.. options.TrustedEndpoints.Select(TrustedEndpoint.Parse)], resolve ?? Dns.GetHostAddressesAsync));
    }

    /// <summary>
    /// Makes a transport that reaches the same addresses, for answers that are read while they come; the caller disposes it. It follows no redirects, and every request takes
    /// a connection of its own. The user of it bounds time and size.
    /// </summary>
    /// <param name="options">Settings.</param>
    public static HttpMessageHandler CreateTransport(OutgoingHttpOptions options) => new SocketsHttpHandler
    {
        ConnectCallback = new GuardedConnector([.. options.TrustedEndpoints.Select(TrustedEndpoint.Parse)], Dns.GetHostAddressesAsync).ConnectAsync,
        PooledConnectionLifetime = TimeSpan.Zero,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = new TraceparentPropagator(),
    };

    /// <inheritdoc/>
    public async Task<OutgoingReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var timeout = request.Options.TryGetValue(RequestHop.TimeLimit, out var longer) && longer > _options.Timeout ? longer : _options.Timeout;
        using var limit = new CancellationTokenSource(timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var unrepeatable = new List<Transmission>();
        try
        {
            return await FollowAsync(await RequestHop.FirstAsync(request, either.Token), unrepeatable, either.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Failure($"{request.RequestUri!.Host} did not answer completely within {timeout.TotalSeconds:0} seconds", e);
        }
        catch (Exception e) when (e is OutgoingHttpException or HttpRequestException or IOException or InvalidDataException)
        {
            throw Failure(Refusal(e)?.Message ?? $"The request to {request.RequestUri!.Host} failed: {Reason(e)}", e);
        }

        OutgoingHttpException Failure(string message, Exception cause) => new(
            unrepeatable.Exists(transmission => transmission.IsSent)
                ? $"{message.TrimEnd('.')}. The {request.Method} request may have been received; it was not sent again."
                : message,
            cause);
    }

    /// <inheritdoc/>
    public void Dispose() => _connections.Dispose();

    private async Task<OutgoingReply> FollowAsync(RequestHop hop, List<Transmission> unrepeatable, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            CheckForm(hop.Address);
            var transmission = _connections.Begin();
            if (!hop.IsRepeatable) unrepeatable.Add(transmission);
            using var response = await _connections.SendAsync(hop, transmission, cancellationToken);
            if (hop.Follow(response.StatusCode, response.Headers.Location) is not { } next) return await ReadAsync(hop.Address, response, cancellationToken);
            if (redirects == MaxRedirects) throw new OutgoingHttpException($"More than {MaxRedirects} redirects, the last to {next.Address.Host}");
            hop = next;
        }
    }

    private static void CheckForm(Uri address)
    {
        if (address.Scheme is not ("http" or "https")) throw new OutgoingHttpException($"Only http and https addresses can be reached, not {address.Scheme}");
        if (address.UserInfo.Length > 0) throw new OutgoingHttpException("An address must not hold a user name or a password; send them in a header");
        if (address.IdnHost.Length == 0) throw new OutgoingHttpException("The address names no host");
    }

    private async Task<OutgoingReply> ReadAsync(Uri address, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[81920];
        while (await stream.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (body.Length + count > _options.MaxBodyBytes) throw new OutgoingHttpException($"The reply of {address.Host} is larger than {_options.MaxBodyBytes} bytes");
            body.Write(buffer.AsSpan(0, count));
        }

        var contentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;
        return new OutgoingReply((int)response.StatusCode, contentType, body.GetBuffer().AsMemory(0, (int)body.Length), address)
        {
            Headers = response.Headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            RetryAfter = response.Headers.NonValidated.TryGetValues("Retry-After", out var pauses) ? pauses.ToString() : null,
        };
    }

    // SocketsHttpHandler wraps what the connector throws.
    private static OutgoingHttpException? Refusal(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            if (e is OutgoingHttpException refusal) return refusal;
        return null;
    }

    // Around these the handler's own message says only that sending, or TLS, failed.
    private static string Reason(Exception e) => e is HttpRequestException { InnerException: IOException or AuthenticationException } ? e.InnerException.Message : e.Message;
}
