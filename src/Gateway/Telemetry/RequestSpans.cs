using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Telemetry;

/// <summary>
/// Says on the span of a request what it was: method, route and status. Never the address as it was sent, which may hold a token.
/// Probes, scrapes and sockets, which last for hours, are left out of traces.
/// </summary>
public static class RequestSpans
{
    /// <summary>Adds the middleware. Put it before everything that answers.</summary>
    /// <param name="app">The web host.</param>
    public static IApplicationBuilder UseGrainflowRequestSpans(this IApplicationBuilder app) => app.Use(DescribeAsync);

    // A span without a source is one that nobody records.
    private static Task DescribeAsync(HttpContext context, RequestDelegate next) =>
        Activity.Current is { IsAllDataRequested: true, Source.Name.Length: > 0 } span ? DescribeAsync(context, next, span) : next(context);

    private static async Task DescribeAsync(HttpContext context, RequestDelegate next, Activity span)
    {
        if (context.Request.Path == "/ws" || RequestMetrics.IsExcluded(context.Request.Path))
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            var method = RequestMetrics.Method(context.Request.Method);
            var route = RequestMetrics.RouteOf(context);
            span.DisplayName = $"{method} {route}";
            span.SetTag("http.request.method", method).SetTag("http.route", route).SetTag("http.response.status_code", context.Response.StatusCode);
            if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError) span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
