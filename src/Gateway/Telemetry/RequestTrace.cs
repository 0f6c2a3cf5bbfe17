using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Telemetry;

/// <summary>The trace that a request belongs to.</summary>
public static class RequestTrace
{
    /// <summary>
    /// The W3C context for what the request starts: the request's own span when spans are recorded, else what the caller sent in
    /// <c>traceparent</c>; null without either, because an id that nobody records is of no use.
    /// </summary>
    internal static string? Context => Activity.Current is not { IdFormat: ActivityIdFormat.W3C } request ? null
        : request.Source.HasListeners() ? request.Id
        : request.ParentId;

    /// <summary>True for a request that gets a span: probes, scrapes and sockets, which last for hours, get none.</summary>
    /// <param name="context">The request.</param>
    public static bool IsTraced(HttpContext context) => context.Request.Path != "/ws" && !RequestMetrics.IsExcluded(context.Request.Path);
}
