using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Orleans.Dashboard;

namespace Grainflow.Silo.Hosting;

/// <summary>Orleans' own dashboard: silos, activations, calls and reminders, as counts and times.</summary>
internal static class Dashboard
{
    /// <summary>Where it is.</summary>
    public const string Path = "/dashboard";

    // Its page is one script with styles that it sets itself, and its fonts and pictures come from the same server.
    private const string PagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>Adds what measures to a silo. Every silo of a cluster needs it, since any of them may be asked. Calls are measured only while somebody looks.</summary>
    /// <param name="builder">The host of a silo.</param>
    public static IHostApplicationBuilder AddGrainflowDashboard(this IHostApplicationBuilder builder) => builder.UseOrleans(silo => silo.AddDashboard(Configure));

    /// <summary>Adds the routes, for administrators.</summary>
    /// <param name="app">A web host with a dashboard and the gateway's middleware.</param>
    public static void MapGrainflowDashboard(this IEndpointRouteBuilder app)
    {
        IEndpointConventionBuilder routes = app.MapOrleansDashboard(Path);
        routes.Add(endpoint =>
        {
            var answer = endpoint.RequestDelegate!;
            // The state of a grain may be what a user has entrusted to it.
            var isState = endpoint is RouteEndpointBuilder { RoutePattern.RawText: var pattern } && pattern?.EndsWith("/GrainState", StringComparison.OrdinalIgnoreCase) == true;
            endpoint.RequestDelegate = context =>
            {
                if (isState) throw ApiException.Detail(StatusCodes.Status403Forbidden, "The dashboard does not show the state of grains: it holds values of users.");
                context.Response.Headers.ContentSecurityPolicy = PagePolicy;
                return answer(context);
            };
        });
        routes.RequireAdmin();
    }

    /// <summary>Turns the stream of log lines off: lines of all tenants would go to a browser, and the log has a reader of its own.</summary>
    private static void Configure(DashboardOptions options) => options.HideTrace = true;
}
