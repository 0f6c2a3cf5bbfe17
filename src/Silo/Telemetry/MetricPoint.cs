namespace Grainflow.Silo.Telemetry;

/// <summary>A series at one moment.</summary>
/// <param name="Value">The value; for a histogram the sum of all.</param>
/// <param name="Count">How many values a histogram has counted.</param>
/// <param name="Buckets">How many of them fell into each bucket, not cumulative; those beyond the last bound are left out.</param>
internal readonly record struct MetricPoint(double Value, long Count, IReadOnlyList<long> Buckets);
