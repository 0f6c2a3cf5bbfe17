using System.Diagnostics.Metrics;
using System.Text;
using Grainflow.Gateway.Telemetry;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Silo.Telemetry;

/// <summary>The page behind <c>/metrics</c>.</summary>
internal sealed class MetricsPage : IMetricsPage
{
    /// <summary>What the contract calls the service that answers REST.</summary>
    private const string Service = "rest-api";

    private readonly MetricsCollector _collector;
    private readonly RunQueueGauge _queue;

    /// <summary>Takes all that makes instruments, so that they are there from the first reading on.</summary>
    public MetricsPage(MetricsCollector collector, RunQueueGauge queue, ExecutionMetrics executions, GatewayMetrics gateway, IMeterFactory meters)
    {
        (_collector, _queue) = (collector, queue);
        meters.Create(Instrumentation.Name).CreateObservableGauge(
            "autogpt_service_info",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("service", Service), new KeyValuePair<string, object?>("version", ProductVersion.Text)),
            description: "What answers here.");
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> WriteAsync(CancellationToken cancellationToken)
    {
        await _queue.RefreshAsync().WaitAsync(cancellationToken);
        return Encoding.UTF8.GetBytes(_collector.Write());
    }
}
