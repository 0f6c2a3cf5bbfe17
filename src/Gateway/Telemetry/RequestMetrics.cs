using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Telemetry;

/// <summary>Measures requests (contract: semantics 9.4, "HTTP"). It is the outermost middleware, so that it sees the status that is sent.</summary>
internal static class RequestMetrics
{
    private static readonly string[] Classes = ["1xx", "2xx", "3xx", "4xx", "5xx"];

    /// <summary>The middleware.</summary>
    public static Func<HttpContext, RequestDelegate, Task> Measure(GatewayMetrics metrics, TimeProvider clock) => (context, next) =>
        metrics.CountsRequests && !IsExcluded(context.Request.Path) ? MeasureAsync(context, next, metrics, clock) : next(context);

    /// <summary>The template of the route that a request found, or <c>none</c>. The path as it was sent would make a label without bounds.</summary>
    public static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";

    /// <summary>True for probes and scrapes, which are no work of callers (contract: semantics 9.4).</summary>
    public static bool IsExcluded(PathString path) => path == "/metrics" || path == "/readiness" || path.StartsWithSegments("/health", StringComparison.Ordinal);

    /// <summary>The method, or <c>OTHER</c> for one that HTTP does not have and that would make a label without bounds.</summary>
    public static string Method(string method) => method is "GET" or "POST" or "PUT" or "DELETE" or "PATCH" or "HEAD" or "OPTIONS" ? method : "OTHER";

    private static async Task MeasureAsync(HttpContext context, RequestDelegate next, GatewayMetrics metrics, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var status = context.Response.StatusCode;
            metrics.RecordRequest(Method(context.Request.Method), status is >= 100 and < 600 ? Classes[(status / 100) - 1] : "none", RouteOf(context), clock.GetElapsedTime(began).TotalSeconds);
        }
    }
}
