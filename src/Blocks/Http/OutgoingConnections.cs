using System.Net;

namespace Grainflow.Blocks.Http;

/// <summary>
/// Sends a request on a kept or on a fresh connection, by what it would do to be received twice. A server, or a load balancer before it,
/// may close a kept connection in the moment in which a request is written to it, and then nobody can tell whether the request was
/// received (RFC 9110, section 9.2.2).
/// <list type="bullet">
/// <item>A request that may be repeated takes a kept connection where there is one. When that gives no byte of an answer, the request is
/// sent once more, on a fresh connection.</item>
/// <item>Any other request takes a connection that carried nothing before and is sent once.</item>
/// </list>
/// </summary>
internal sealed class OutgoingConnections : IDisposable
{
    // More accounts at proxies than one process has at a time; beyond it the clients are made anew.
    private const int MostProxies = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<OutgoingProxy, HttpMessageInvoker> _proxied = [];
    private readonly GuardedConnector _connector;
    private readonly AsyncLocal<Transmission?> _current = new();
    private readonly HttpMessageInvoker _kept;
    private readonly HttpMessageInvoker _fresh;
    private long _order;

    /// <summary>Makes the two pools.</summary>
    /// <param name="connector">Opens and checks the connections of both.</param>
    public OutgoingConnections(GuardedConnector connector)
    {
        _connector = connector;
        // Within two minutes a name is resolved and its addresses are checked again.
        _kept = Pool(connector, lifetime: TimeSpan.FromMinutes(2));
        // With a lifetime of zero the handler makes a pool per request, so that no connection serves a second one.
        _fresh = Pool(connector, lifetime: TimeSpan.Zero);
    }

    /// <summary>Begins a request.</summary>
    public Transmission Begin() => new() { Order = Interlocked.Increment(ref _order) };

    /// <summary>Sends a request and reads the headers of its answer. Follows no redirect.</summary>
    /// <param name="hop">The request.</param>
    /// <param name="transmission">Records what happens to the request, but not to its repetition; from <see cref="Begin"/>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="HttpRequestException">No connection could be made, or it failed.</exception>
    public async Task<HttpResponseMessage> SendAsync(RequestHop hop, Transmission transmission, CancellationToken cancellationToken)
    {
        if (hop.Proxy is { } proxy) return await SendAsync(Through(proxy), hop.ToMessage(), transmission, cancellationToken);
        if (!hop.IsRepeatable) return await SendFreshAsync(hop, transmission, cancellationToken);
        try
        {
            return await SendAsync(_kept, hop.ToMessage(), transmission, cancellationToken);
        }
        catch (HttpRequestException) when (transmission is { IsReused: true, IsAnswered: false })
        {
            return await SendFreshAsync(hop, Begin(), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kept.Dispose();
        _fresh.Dispose();
        lock (_lock) Forget();
    }

    /// <summary>The client of one account at a proxy. Its connections are never those of another account, and carry one request.</summary>
    private HttpMessageInvoker Through(OutgoingProxy proxy)
    {
        lock (_lock)
        {
            if (_proxied.TryGetValue(proxy, out var known)) return known;
            if (_proxied.Count == MostProxies) Forget();
            return _proxied[proxy] = Pool(_connector, lifetime: TimeSpan.Zero, new WebProxy(proxy.Address) { Credentials = new NetworkCredential(proxy.User, proxy.Password) });
        }
    }

    // Requests under way end all the same.
    private void Forget()
    {
        foreach (var pool in _proxied.Values) pool.Dispose();
        _proxied.Clear();
    }

    private Task<HttpResponseMessage> SendFreshAsync(RequestHop hop, Transmission transmission, CancellationToken cancellationToken)
    {
        var message = hop.ToMessage();
        // RFC 9112, section 9.3: whoever does not keep a connection says so. The server closes it then, and keeps the closed port.
        message.Headers.ConnectionClose = true;
        return SendAsync(_fresh, message, transmission, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker pool, HttpRequestMessage message, Transmission transmission, CancellationToken cancellationToken)
    {
        using (message)
        {
            _current.Value = transmission;
            return await pool.SendAsync(message, cancellationToken);
        }
    }

    private HttpMessageInvoker Pool(GuardedConnector connector, TimeSpan lifetime, WebProxy? proxy = null) => new(new SocketsHttpHandler
    {
        ConnectCallback = connector.ConnectAsync,
        PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(new ObservedConnection(context.PlaintextStream, Interlocked.Increment(ref _order), _current)),
        PooledConnectionLifetime = lifetime,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        UseCookies = false,
        Proxy = proxy,
        UseProxy = proxy is not null,
        ActivityHeadersPropagator = new TraceparentPropagator(),
    });
}
