using Grainflow.Grains.Hosting;
using Grainflow.Silo.Hosting;
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
internal sealed class OtlpExport(Settings settings, SiloIdentity host) : IHostedService, IDisposable
{
    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <summary>Begins to listen.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService(settings.OtelServiceName, serviceVersion: ProductVersion.Text, autoGenerateServiceInstanceId: false, serviceInstanceId: host.Name);
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .AddSource(Instrumentation.Name, "Microsoft.AspNetCore")
            .AddOtlpExporter(options => Aim(options, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter(Instrumentation.Name, "System.Runtime")
            .AddOtlpExporter(options => Aim(options, "v1/metrics"))
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

    private void Aim(OtlpExporterOptions options, string path)
    {
        var endpoint = settings.OtlpEndpoint!;
        options.Protocol = settings.OtlpProtocol == Settings.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        // Over HTTP each kind of telemetry has a path of its own, which is only added to what the library reads itself.
        options.Endpoint = options.Protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
    }
}
