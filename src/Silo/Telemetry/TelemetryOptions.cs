using System.ComponentModel.DataAnnotations;

namespace Grainflow.Silo.Telemetry;

/// <summary>What the process measures and exports.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Telemetry";

    /// <summary>OTLP over gRPC.</summary>
    public const string Grpc = "grpc";

    /// <summary>OTLP over HTTP, in protobuf.</summary>
    public const string HttpProtobuf = "http/protobuf";

    /// <summary>Whether <c>GET /metrics</c> is served (contract: semantics 9.4); without it nothing is measured. Setting <c>ENABLE_METRICS</c>.</summary>
    public bool EnableMetrics { get; set; } = true;

    /// <summary>The collector that traces and metrics are sent to; null sends nothing. Setting <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>How they are sent. Setting <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>.</summary>
    [AllowedValues(HttpProtobuf, Grpc)]
    public string OtlpProtocol { get; set; } = HttpProtobuf;

    /// <summary>The name of this service at the collector. Setting <c>OTEL_SERVICE_NAME</c>.</summary>
    [Required]
    public string ServiceName { get; set; } = "grainflow";
}
