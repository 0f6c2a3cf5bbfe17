using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Admin;
using Grainflow.Gateway.ApiKeys;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Blocks;
using Grainflow.Gateway.Builder;
using Grainflow.Gateway.Credits;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.External;
using Grainflow.Gateway.Files;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Health;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Integrations;
using Grainflow.Gateway.Mcp;
using Grainflow.Gateway.Onboarding;
using Grainflow.Gateway.OpenApi;
using Grainflow.Gateway.Presets;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Reviews;
using Grainflow.Gateway.Schedules;
using Grainflow.Gateway.Schedules.Agents;
using Grainflow.Gateway.Schedules.Workflows;
using Grainflow.Gateway.Telemetry;
using Grainflow.Gateway.WebSockets;
using Grainflow.Gateway.Webhooks;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NodaTime;

namespace Grainflow.Gateway;

/// <summary>Registers the services, the middleware and the routes of the gateway.</summary>
public static class GatewayServices
{
    /// <summary>Adds the services of this assembly, REST and WebSocket. The host adds storage, the grains or a client of them, and an <see cref="IUploads"/>.</summary>
    /// <param name="services">The services of a web host.</param>
    public static IServiceCollection AddGrainflowGateway(this IServiceCollection services)
    {
        services.AddSingleton<GraphAnswers>();
        services.AddSingleton<BlockList>();
        services.TryAddSingleton<IRunIds, RandomRunIds>();
        services.AddSingleton<OnboardingReports>();
        services.AddSingleton<ExecutionStarter>();
        services.TryAddSingleton(new RequestHolder(Silo: null));
        services.AddSingleton<IdempotentRequests>();
        services.AddSingleton<GraphEndpoints>();
        services.AddSingleton<ExecutionEndpoints>();
        services.AddSingleton<ShareEndpoints>();
        services.AddSingleton<ExecutionLogEndpoint>();
        services.AddSingleton<BlockEndpoints>();
        services.AddSingleton<UploadReader>();
        services.AddSingleton<FileEndpoints>();
        services.AddSingleton<BuilderCatalogue>();
        services.AddSingleton<BuilderAgents>();
        services.AddSingleton<BuilderSearch>();
        services.AddSingleton<BuilderSuggestions>();
        services.AddSingleton<BuilderEndpoints>();
        services.AddSingleton<PaymentEndpoints>();
        services.AddSingleton<PresetReader>();
        services.AddSingleton<PresetEndpoints>();
        services.AddSingleton<WebhookEndpoints>();
        services.TryAddSingleton<IDateTimeZoneProvider>(DateTimeZoneProviders.Tzdb);
        services.TryAddSingleton<TimeZones>();
        services.TryAddSingleton<ScheduleReader>();
        services.AddSingleton<ScheduleCommands>();
        services.AddSingleton<PreviewEndpoint>();
        services.AddSingleton<CreditEndpoints>();
        services.AddSingleton<ProviderList>();
        services.AddSingleton<CredentialEndpoints>();
        services.AddSingleton<McpEndpoints>();
        services.AddSingleton<ApiKeyGate>();
        services.AddSingleton<ApiKeyEndpoints>();
        services.AddSingleton<ExternalIntegrationEndpoints>();
        services.AddSingleton<ReviewEndpoints>();
        services.AddSingleton<ScheduleEndpoints>();
        services.AddSingleton<AgentFinder>();
        services.AddSingleton<AgentHistory>();
        services.AddSingleton<AgentScheduleEndpoints>();
        services.AddSingleton<ActivityEndpoints>();
        services.AddSingleton<SchedulerEndpoints>();
        services.AddSingleton<OnboardingEndpoints>();
        services.AddSingleton<OverviewEndpoint>();
        return services.AddGrainflowWebSockets().AddGrainflowHealth();
    }

    /// <summary>Adds the services behind the routes of <see cref="UseGrainflowHealth"/>, and those that know callers, for a silo that serves no clients.</summary>
    /// <param name="services">The services of a web host.</param>
    public static IServiceCollection AddGrainflowHealth(this IServiceCollection services)
    {
        services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GatewayOptions>, TokenOptionsCheck>());
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<RequestOrigins>();
        services.AddSingleton<KnownUsers>();
        services.TryAddSingleton<SiloReach>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<Startup>();
        services.AddSingleton<Liveness>();
        services.AddSingleton<HealthEndpoints>();
        services.AddMetrics();
        services.TryAddSingleton<GatewayMetrics>();
        services.AddRouting();
        services.AddResponseCompression();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<RequestOrigins>((cors, origins) => cors.AddDefaultPolicy(policy =>
            policy.SetIsOriginAllowed(origins.IsAllowed).AllowAnyMethod().AllowAnyHeader().AllowCredentials()));
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<GatewayOptions>>((limiter, options) => RateLimits.Configure(limiter, options.Value));
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<GatewayOptions>>((kestrel, options) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.Value.MaxRequestBytes;
        });
        return services;
    }

    /// <summary>Adds middleware and all routes.</summary>
    /// <param name="app">The web host.</param>
    public static WebApplication UseGrainflowGateway(this WebApplication app)
    {
        app.UseGrainflowHealth();
        app.Services.GetRequiredService<GraphEndpoints>().Map(app);
        app.Services.GetRequiredService<ExecutionEndpoints>().Map(app);
        app.Services.GetRequiredService<ShareEndpoints>().Map(app);
        app.Services.GetRequiredService<ExecutionLogEndpoint>().Map(app);
        app.Services.GetRequiredService<BlockEndpoints>().Map(app);
        app.Services.GetRequiredService<FileEndpoints>().Map(app);
        app.Services.GetRequiredService<BuilderEndpoints>().Map(app);
        app.Services.GetRequiredService<PaymentEndpoints>().Map(app);
        app.Services.GetRequiredService<PresetEndpoints>().Map(app);
        app.Services.GetRequiredService<WebhookEndpoints>().Map(app);
        app.Services.GetRequiredService<PreviewEndpoint>().Map(app);
        app.Services.GetRequiredService<CreditEndpoints>().Map(app);
        app.Services.GetRequiredService<CredentialEndpoints>().Map(app);
        app.Services.GetRequiredService<ApiKeyEndpoints>().Map(app);
        app.Services.GetRequiredService<McpEndpoints>().Map(app);
        app.Services.GetRequiredService<ExternalIntegrationEndpoints>().Map(app);
        app.Services.GetRequiredService<ReviewEndpoints>().Map(app);
        app.Services.GetRequiredService<ScheduleEndpoints>().Map(app);
        app.Services.GetRequiredService<AgentScheduleEndpoints>().Map(app);
        app.Services.GetRequiredService<ActivityEndpoints>().Map(app);
        app.Services.GetRequiredService<SchedulerEndpoints>().Map(app);
        app.Services.GetRequiredService<OnboardingEndpoints>().Map(app);
        app.Services.GetRequiredService<OverviewEndpoint>().Map(app);
        app.MapDocuments();
        return app;
    }

    /// <summary>Adds middleware, and the routes of health and metrics.</summary>
    /// <param name="app">The web host.</param>
    public static WebApplication UseGrainflowHealth(this WebApplication app)
    {
        app.Use(RequestMetrics.Measure(app.Services.GetRequiredService<GatewayMetrics>(), app.Services.GetRequiredService<TimeProvider>()));
        app.UseMiddleware<ErrorMiddleware>();
        app.Use(EdgeMiddleware.AddSecurityHeaders);
        app.Use(EdgeMiddleware.RefuseForeign(app.Services.GetRequiredService<RequestOrigins>()));
        app.UseResponseCompression();
        app.UseRouting();
        app.UseCors();
        app.Use(EdgeMiddleware.RedirectTrailingSlash);
        app.Use(CallerGate.ReadBeforeLimitsAsync);
        app.UseRateLimiter();

        app.Services.GetRequiredService<HealthEndpoints>().Map(app);
        app.MapMetrics();
        return app;
    }
}
