namespace Grainflow.Silo.Telemetry;

/// <summary>The labels of one series, in the order in which they were given.</summary>
/// <param name="Pairs">Names and values; not to be changed.</param>
internal sealed record LabelSet(KeyValuePair<string, object?>[] Pairs)
{
    /// <summary>No labels.</summary>
    public static readonly LabelSet None = new([]);

    /// <summary>Stands for all series beyond those that a metric may have; the label is the one that OpenTelemetry uses.</summary>
    public static readonly LabelSet Overflow = new([new KeyValuePair<string, object?>("otel_metric_overflow", "true")]);
}
