using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Telemetry;
using Grainflow.Storage.Execution;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Adds the WebSocket endpoint to a web host.</summary>
public static class WebSocketHosting
{
    private static readonly byte[] Healthy = """{"status":"healthy"}"""u8.ToArray();

    /// <summary>
    /// Adds the services of the endpoint. The host must add storage, the blocks (<c>IBlockCatalogue</c>), an Orleans client and <see cref="GatewayOptions"/>.
    /// </summary>
    /// <param name="services">The services of the web host.</param>
    public static IServiceCollection AddGrainflowWebSockets(this IServiceCollection services)
    {
        services.AddOptions<LiveOptions>().BindConfiguration(LiveOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<GatewayMetrics>();
        services.TryAddSingleton<AccessTokens>();
        services.TryAddSingleton<RequestOrigins>();
        services.TryAddSingleton<RunReader>();
        services.TryAddSingleton<IEventWriter, EventWriter>();
        services.TryAddSingleton(provider => new LiveRuns(
            provider.GetRequiredService<RunReader>(),
            provider.GetRequiredService<RunPositionQueries>(),
            provider.GetRequiredService<IEventWriter>(),
            provider.GetRequiredService<IClusterClient>(),
            provider.GetRequiredService<IOptions<LiveOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LiveRuns>>()));
        services.TryAddSingleton<WebSocketHandler>();
        return services;
    }

    /// <summary>
    /// Serves <c>/ws</c> on every port of the host. The WebSocket port serves nothing besides, except <c>GET /</c> and <c>GET /metrics</c> (contract: websocket,
    /// endpoint). Add it before other endpoints.
    /// </summary>
    /// <param name="app">The web host.</param>
    /// <param name="ownPort">The WebSocket port, or null when there is none.</param>
    public static IApplicationBuilder UseGrainflowWebSockets(this IApplicationBuilder app, int? ownPort)
    {
        app.MapWhen(
            static context => context.Request.Path.Equals("/ws", StringComparison.Ordinal),
            static branch => branch.Use(HoldAsync).UseWebSockets().Run(static context => context.RequestServices.GetRequiredService<WebSocketHandler>().HandleAsync(context)));
        if (ownPort is { } port) app.MapWhen(context => context.Connection.LocalPort == port, static branch => branch.Run(AnswerAsync));
        return app;
    }

    private static Task HoldAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { } plain)
        {
            var upgrade = new HeldUpgrade(plain);
            context.Features.Set<IHttpUpgradeFeature>(upgrade);
            context.Features.Set(upgrade);
        }

        return next(context);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == MetricsRoute.Path && HttpMethods.IsGet(context.Request.Method) && context.RequestServices.GetService<IMetricsPage>() is { } page)
        {
            await AnswerAsync(context, page);
            return;
        }

        if (context.Request.Path != "/" || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Healthy.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await context.Response.Body.WriteAsync(Healthy);
    }

    private static async Task AnswerAsync(HttpContext context, IMetricsPage page)
    {
        if (context.RequestServices.GetRequiredService<RequestOrigins>().Refusal(context.Request) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(refusal);
            return;
        }

        await page.AnswerAsync(context);
    }
}
