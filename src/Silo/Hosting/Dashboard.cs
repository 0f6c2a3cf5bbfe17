using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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
    public static IHostApplicationBuilder AddGrainflowDashboard(this IHostApplicationBuilder builder)
    {
        var before = builder.Services.Where(IsHosted).ToHashSet();
        builder.UseOrleans(silo => silo.AddDashboard(Configure));
        // It collects all instruments of Orleans a second time, each second, for the page of counters alone. That costs a server at rest as much processor time as
        // all else together, and tens of megabytes.
        foreach (var collector in builder.Services.Where(service => IsHosted(service) && !before.Contains(service)).ToList()) builder.Services.Remove(collector);
        return builder;
    }

    private static bool IsHosted(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService);

    /// <summary>Adds the routes, for administrators. What they answer with is loaded by the first request that is let in: the pages take megabytes.</summary>
    /// <param name="app">A web host with a dashboard and the gateway's middleware.</param>
    public static void MapGrainflowDashboard(this IEndpointRouteBuilder app)
    {
        var pages = new Lazy<RequestDelegate>(() => Pages(app.ServiceProvider));
        // The page has a route with a slash of its own, to which the address without one is redirected.
        foreach (var pattern in new[] { Path + "/", Path + "/{**page}" })
            app.MapGet(pattern, context => AnswerAsync(context, pages)).RequireAdmin();
    }

    private static async Task AnswerAsync(HttpContext context, Lazy<RequestDelegate> pages)
    {
        // The state of a grain may be what a user has entrusted to it.
        if (context.Request.Path.StartsWithSegments(Path + "/GrainState", StringComparison.OrdinalIgnoreCase))
            throw ApiException.Detail(StatusCodes.Status403Forbidden, "The dashboard does not show the state of grains: it holds values of users.");
        context.Response.Headers.ContentSecurityPolicy = PagePolicy;
        var route = context.GetEndpoint();
        try
        {
            // Routing passes a request on that has an endpoint already.
            context.SetEndpoint(null);
            context.Request.RouteValues.Clear();
            await pages.Value(context);
        }
        finally
        {
            context.SetEndpoint(route);
        }
    }

    private static RequestDelegate Pages(IServiceProvider services)
    {
        var branch = new ApplicationBuilder(services);
        branch.UseRouting();
        branch.UseEndpoints(routes => routes.MapOrleansDashboard(Path));
        return branch.Build();
    }

    /// <summary>Turns the stream of log lines off: lines of all tenants would go to a browser, and the log has a reader of its own.</summary>
    private static void Configure(DashboardOptions options)
    {
        options.HideTrace = true;
        // Each silo looks at itself as often as this, watched or not.
        options.CounterUpdateIntervalMs = 5000;
    }
}
