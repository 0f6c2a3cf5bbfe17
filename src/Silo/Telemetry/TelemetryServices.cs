using Grainflow.Gateway.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Grainflow.Silo.Telemetry;

/// <summary>Wiring of what is measured and traced.</summary>
internal static class TelemetryServices
{
    /// <summary>Adds the page behind <c>/metrics</c>, and with it everything that keeps numbers.</summary>
    public static IServiceCollection AddGrainflowMetrics(this IServiceCollection services)
    {
        services.AddSingleton<MetricsCollector>();
        services.AddSingleton<RunQueueGauge>();
        services.AddSingleton<IMetricsPage, MetricsPage>();
        return services;
    }

    /// <summary>Sends spans and metrics to the collector that the settings name, if they name one, and lines of the log say which span they belong to.</summary>
    public static void AddGrainflowExport(this IHostApplicationBuilder builder, TelemetryOptions options)
    {
        if (options.OtlpEndpoint is null) return;
        builder.Services.AddSingleton(options);
        builder.Services.AddHostedService<OtlpExport>();
        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console => console.IncludeScopes = true);
    }
}
