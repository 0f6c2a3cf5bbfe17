using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Grainflow.Storage.Telemetry;

/// <summary>
/// How long statements take (contract: semantics 9.4). One meter for the process: the helpers that run the statements have
/// no host to ask. Costs a look at a flag while nobody measures, and no allocation when somebody does.
/// </summary>
internal static class DatabaseMetrics
{
    /// <summary>More texts than the stores have; a text that is put together anew each time must not pile up here.</summary>
    private const int MostTexts = 500;

    private static readonly Meter Meter = new(Instrumentation.Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "autogpt_database_query_duration_seconds", "s", "How long statements take, from sending to the last row.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [.01, .05, .1, .25, .5, 1, 2.5, 5] });

    // By reference: the texts are constants, and comparing them would cost more than the rest.
    private static readonly ConcurrentDictionary<string, QueryLabels> Known = new(ReferenceEqualityComparer.Instance);

    /// <summary>The beginning of a statement; 0 while nobody measures.</summary>
    public static long Begin() => Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>The end of a statement, whether it worked or not.</summary>
    /// <param name="sql">Its text.</param>
    /// <param name="began">What <see cref="Begin"/> gave.</param>
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
