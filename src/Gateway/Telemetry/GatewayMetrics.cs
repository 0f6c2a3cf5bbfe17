using System.Diagnostics.Metrics;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Telemetry;

/// <summary>Counts requests, sockets and operations of callers (contract: semantics 9.4). No label holds a user, an id or a path as it was sent.</summary>
public sealed class GatewayMetrics
{
    /// <summary>The value of the label <c>status</c> for an operation that succeeded.</summary>
    internal const string Success = "success";

    private readonly bool _readsTokens;
    private readonly UpDownCounter<long> _sockets;
    private readonly Counter<long> _authentications;
    private readonly Counter<long> _operations;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _latency;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter of this host.</param>
    /// <param name="options">Shows whether tokens are asked for.</param>
    public GatewayMetrics(IMeterFactory meters, IOptions<GatewayOptions> options)
    {
        _readsTokens = options.Value.EnableAuth;
        var meter = meters.Create(Instrumentation.Name);
        _sockets = meter.CreateUpDownCounter<long>("autogpt_websocket_connections_total", description: "Open WebSocket connections.");
        // The gauge is 0, and not absent, before the first connection.
        _sockets.Add(0);
        _authentications = meter.CreateCounter<long>("autogpt_auth_attempts_total", description: "Tokens that were read, by their way in and whether they were valid.");
        _operations = meter.CreateCounter<long>("autogpt_graph_operations_total", description: "Graphs created, updated, deleted, activated and executed over REST.");
        _refusals = meter.CreateCounter<long>("autogpt_rate_limit_hits_total", description: "Requests that were refused because their caller had made too many.");
        _requests = meter.CreateCounter<long>("autogpt_rest_api_http_requests_total", description: "Requests that were answered.");
        _latency = meter.CreateHistogram(
            "autogpt_rest_api_http_request_duration_seconds", "s", "From the arrival of a request to the end of its answer.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60] });
    }

    /// <summary>True while measurements of requests are collected.</summary>
    internal bool CountsRequests => _requests.Enabled || _latency.Enabled;

    /// <summary>Counts an open socket until the result is disposed.</summary>
    internal IDisposable CountSocket()
    {
        _sockets.Add(1);
        return new Connection(_sockets);
    }

    /// <summary>Counts a token that was read.</summary>
    /// <param name="method"><c>jwt</c> for the header of a request, <c>websocket</c> for the query of a handshake.</param>
    /// <param name="succeeded">Whether it names a caller.</param>
    internal void CountToken(string method, bool succeeded)
    {
        if (_readsTokens) _authentications.Add(1, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("status", succeeded ? Success : "failure"));
    }

    /// <summary>Counts an operation on a graph that has ended.</summary>
    /// <param name="operation">Its name, for example <c>create</c>.</param>
    /// <param name="status"><c>success</c>, <c>refused</c> or <c>error</c>.</param>
    internal void CountOperation(string operation, string status) => _operations.Add(
        1, new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("status", status));

    /// <summary>Counts a request that was refused because its caller had made too many.</summary>
    /// <param name="route">The route's template.</param>
    internal void CountRefusal(string route) => _refusals.Add(1, new KeyValuePair<string, object?>("endpoint", route));

    /// <summary>Counts a request that was answered, and records its duration.</summary>
    /// <param name="method">The method, or <c>OTHER</c>.</param>
    /// <param name="status">The class of the status, for example <c>2xx</c>.</param>
    /// <param name="route">The route's template, or <c>none</c>.</param>
    /// <param name="seconds">The duration.</param>
    internal void RecordRequest(string method, string status, string route, double seconds)
    {
        var methodTag = new KeyValuePair<string, object?>("method", method);
        var statusTag = new KeyValuePair<string, object?>("status", status);
        var handler = new KeyValuePair<string, object?>("handler", route);
        _requests.Add(1, methodTag, statusTag, handler);
        _latency.Record(seconds, methodTag, statusTag, handler);
    }

    private sealed class Connection(UpDownCounter<long> sockets) : IDisposable
    {
        private int _closed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0) sockets.Add(-1);
        }
    }
}
