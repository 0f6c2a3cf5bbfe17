namespace Grainflow.Silo.Telemetry;

/// <summary>What Prometheus calls a metric.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Has a value.</summary>
    Gauge,

    /// <summary>Counts values by size.</summary>
    Histogram,
}
