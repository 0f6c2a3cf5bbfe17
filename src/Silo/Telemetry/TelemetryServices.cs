using Grainflow.Gateway.Telemetry;
using Microsoft.Extensions.DependencyInjection;

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
}
