using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Telemetry;

/// <summary><c>GET /metrics</c> (contract: websocket, "other HTTP routes"; semantics 9.4).</summary>
internal static class MetricsRoute
{
    public const string Path = "/metrics";

    /// <summary>Adds the route when the host has metrics.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<IMetricsPage>() is { } page) routes.MapGet(Path, context => AnswerAsync(context, page));
    }

    /// <summary>Answers with the metrics.</summary>
    public static async Task AnswerAsync(HttpContext context, IMetricsPage page)
    {
        var text = await page.WriteAsync(context.RequestAborted);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
