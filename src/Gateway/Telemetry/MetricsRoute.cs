using Microsoft.AspNetCore.Builder;
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
        if (routes.ServiceProvider.GetService<IMetricsPage>() is { } page) routes.MapGet(Path, page.AnswerAsync);
    }
}
