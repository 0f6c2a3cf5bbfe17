using System.Collections;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grainflow.Gateway.Telemetry;
using Grainflow.Grains.Hosting;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Grainflow.Silo.Telemetry;

/// <summary>Wiring of OpenTelemetry. Without a page and without a collector nothing of it is made, and instruments cost a look at a field.</summary>
internal static class TelemetryServices
{
    private const string RuntimeMeter = "System.Runtime";

    /// <summary>Adds the page behind <c>/metrics</c>.</summary>
    public static IServiceCollection AddGrainflowMetrics(this IServiceCollection services)
    {
        services.AddSingleton<RunQueueGauge>();
        services.AddSingleton<SiloGauge>();
        services.AddSingleton<IMetricsPage, MetricsPage>();
        services.AddMeters().WithMetrics(metrics => metrics.AddPrometheusExporter(page =>
        {
            page.ScopeInfoEnabled = false;
            page.TargetInfoEnabled = false;
            page.ScrapeResponseCacheDurationMilliseconds = 0;
        }));
        return services;
    }

    /// <summary>
    /// Sends spans and metrics to the collector that the settings name, if they name one, in the background: a collector that is away costs what
    /// it missed, and nothing else. Lines of the log then name the span that they belong to.
    /// </summary>
    public static void AddGrainflowExport(this IHostApplicationBuilder builder, TelemetryOptions options)
    {
        if (options.OtlpEndpoint is not { } endpoint) return;
        builder.Configuration.AddInMemoryCollection(OpenTelemetryVariables());
        builder.Services.AddMeters()
            .ConfigureResource(resource => resource.AddDetector(provider => new ServiceResource(options.ServiceName, provider.GetService<SiloIdentity>()?.Name ?? Environment.MachineName + "/" + Environment.ProcessId)))
            .WithTracing(traces => traces
                .AddSource(Instrumentation.Name)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = RequestTrace.IsTraced)
                .AddProcessor(new SentTextRemoval())
                .AddOtlpExporter(exporter => SetTarget(exporter, options, endpoint, "v1/traces")))
            .WithMetrics(metrics => metrics
                .AddMeter(RuntimeMeter)
                .AddOtlpExporter(exporter => SetTarget(exporter, options, endpoint, "v1/metrics")));
        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console => console.IncludeScopes = true);
    }

    // Meters belong to a host, and several hosts may be in one process; those without a host belong to the process.
    private static OpenTelemetryBuilder AddMeters(this IServiceCollection services)
    {
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            var meters = provider.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => instrument.Meter.Scope is { } host && host != meters ? MetricStreamConfiguration.Drop : null);
        });
        return services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Instrumentation.Name));
    }

    private static void SetTarget(OtlpExporterOptions exporter, TelemetryOptions options, Uri endpoint, string path)
    {
        exporter.Protocol = options.OtlpProtocol == TelemetryOptions.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        // Over HTTP each kind of telemetry has a path of its own, which the library adds only to an endpoint that it reads itself.
        exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
    }

    // The library reads its variables, such as those of sampling and of headers, from the configuration of the host, which has no environment otherwise.
    private static IEnumerable<KeyValuePair<string, string?>> OpenTelemetryVariables() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where name.StartsWith("OTEL_", StringComparison.Ordinal)
        select KeyValuePair.Create(name, (string?)variable.Value);

    private sealed class ServiceResource(string name, string instance) : IResourceDetector
    {
        public Resource Detect() =>
            ResourceBuilder.CreateEmpty().AddService(name, serviceVersion: ProductVersion.Text, autoGenerateServiceInstanceId: false, serviceInstanceId: instance).Build();
    }

    /// <summary>Takes out of the spans of requests what callers wrote: paths and queries, which may hold a token, the host, invented methods and user agents.</summary>
    private sealed class SentTextRemoval : BaseProcessor<Activity>
    {
        private static readonly string[] Tags = ["http.request.method_original", "server.address", "server.port", "url.path", "url.query", "user_agent.original"];

        public override void OnEnd(Activity data)
        {
            foreach (var tag in Tags)
                if (data.GetTagItem(tag) is not null) data.SetTag(tag, null);
        }
    }
}
