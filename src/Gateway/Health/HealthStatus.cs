using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Health;

/// <summary>The server works.</summary>
internal sealed record HealthStatus
{
    [Always, OneOf("healthy")]
    public string Status { get; init; } = "healthy";
}
