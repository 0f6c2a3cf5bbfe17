using Grainflow.Grains.Hosting;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Grainflow.Silo.Telemetry;

/// <summary>
/// Sends spans and metrics to a collector by OTLP, in the background: a collector that is away costs what it missed, and nothing else.
/// All that OpenTelemetry's own variables say beside the endpoint, such as sampling, holds.
/// </summary>
internal sealed class OtlpExport(TelemetryOptions options, SiloIdentity silo) : IHostedService, IDisposable
{
    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <summary>Begins to listen.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService(options.ServiceName, serviceVersion: ProductVersion.Text, autoGenerateServiceInstanceId: false, serviceInstanceId: silo.Name);
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .AddSource(Instrumentation.Name, "Microsoft.AspNetCore")
            .AddOtlpExporter(exporter => Aim(exporter, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter(Instrumentation.Name, "System.Runtime")
            .AddOtlpExporter(exporter => Aim(exporter, "v1/metrics"))
            .Build();
        return Task.CompletedTask;
    }

    /// <summary>Leaves the listeners on: what the other services do while they stop is part of the story.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is left, for some seconds at most.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private void Aim(OtlpExporterOptions exporter, string path)
    {
        var endpoint = options.OtlpEndpoint!;
        exporter.Protocol = options.OtlpProtocol == TelemetryOptions.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        // Over HTTP each kind of telemetry has a path of its own, which is only added to what the library reads itself.
        exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
    }
}
