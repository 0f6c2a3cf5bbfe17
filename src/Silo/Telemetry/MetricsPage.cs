using System.Diagnostics.Metrics;
using Grainflow.Gateway.Telemetry;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Grainflow.Silo.Telemetry;

/// <summary>The page behind <c>/metrics</c>: the one of OpenTelemetry's exporter, with the queue of runs as it is now.</summary>
internal sealed class MetricsPage : IMetricsPage
{
    /// <summary>The contract's name of the service that answers REST.</summary>
    private const string Service = "rest-api";

    private readonly RunQueueGauge _queue;
    private readonly RequestDelegate _exporter;

    /// <summary>Takes all that makes instruments, so that they are there at the first scrape, and what collects them before, so that no measurement is lost.</summary>
    /// <param name="collector">Collects the measurements; it is found by the exporter itself.</param>
    /// <param name="queue">The gauges of the queue.</param>
    /// <param name="silos">The gauge of the silos.</param>
    /// <param name="gateway">The instruments of requests and sockets.</param>
    /// <param name="meters">Makes the meter of this host.</param>
    /// <param name="services">The services of this host.</param>
    public MetricsPage(MeterProvider collector, RunQueueGauge queue, SiloGauge silos, GatewayMetrics gateway, IMeterFactory meters, IServiceProvider services)
    {
        _queue = queue;
        // The instruments of runs and blocks are those of a process with a silo.
        _ = services.GetService<ExecutionMetrics>();
        meters.Create(Instrumentation.Name).CreateObservableGauge(
            "autogpt_service_info",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("service", Service), new KeyValuePair<string, object?>("version", ProductVersion.Text)),
            description: "The service and its version; always 1.");
        var branch = new ApplicationBuilder(services);
        branch.UseOpenTelemetryPrometheusScrapingEndpoint(collector, predicate: static _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
        _exporter = branch.Build();
    }

    /// <inheritdoc/>
    public async Task AnswerAsync(HttpContext context)
    {
        await _queue.RefreshAsync().WaitAsync(context.RequestAborted);
        await _exporter(context);
    }
}
