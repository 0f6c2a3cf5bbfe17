using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Grainflow.Storage.Telemetry;

/// <summary>
/// Measures how long statements take (contract: semantics 9.4). There is one meter for the process, because the helpers that run statements know
/// no host. While nothing is collected a statement costs the check of a flag; a measurement allocates nothing.
/// </summary>
internal static class DatabaseMetrics
{
    /// <summary>The most texts whose labels are kept; more than the stores have. It bounds the memory if a text were made anew for each statement.</summary>
    private const int MostTexts = 500;

    private static readonly Meter Meter = new(Instrumentation.Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "autogpt_database_query_duration_seconds", "s", "How long statements take, from sending to the last row.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [.01, .05, .1, .25, .5, 1, 2.5, 5] });

    // Found by reference: the texts are constants, and comparing their characters would cost more than the measurement.
    private static readonly ConcurrentDictionary<string, QueryLabels> Known = new(ReferenceEqualityComparer.Instance);

    /// <summary>The time at which a statement begins, for <see cref="End"/>; 0 while nothing is collected.</summary>
    public static long Begin() => Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Records the duration of a statement, whether it succeeded or not.</summary>
    /// <param name="sql">The text of the statement.</param>
    /// <param name="began">The result of <see cref="Begin"/>.</param>
    public static void End(string sql, long began)
    {
        if (began == 0) return;
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (!Known.TryGetValue(sql, out var labels))
        {
            labels = QueryLabels.Of(sql);
            if (Known.Count < MostTexts) Known[sql] = labels;
        }

        Duration.Record(seconds, new KeyValuePair<string, object?>("operation", labels.Operation), new KeyValuePair<string, object?>("table", labels.Table));
    }
}
