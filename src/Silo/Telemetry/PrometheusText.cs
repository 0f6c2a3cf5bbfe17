using System.Globalization;
using System.Text;

namespace Grainflow.Silo.Telemetry;

/// <summary>Writes metrics in Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>Writes metrics by name, their series by label, so that the same state gives the same text.</summary>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families.OrderBy(family => family.Name, StringComparer.Ordinal)) Write(text, family);
        return text.ToString();
    }

    private static void Write(StringBuilder text, MetricFamily family)
    {
        text.Append($"# HELP {family.Name} ").Append(family.Help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)).Append('\n');
        text.Append($"# TYPE {family.Name} ").Append(family.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
        foreach (var (labels, point) in family.Series.Select(series => (Labels: Labels(series.Key), Point: series.Value.Read())).OrderBy(series => series.Labels, StringComparer.Ordinal))
        {
            if (family.Kind == MetricKind.Histogram) WriteHistogram(text, family, labels, point);
            else WriteLine(text, family.Name, labels, Number(point.Value));
        }
    }

    private static void WriteHistogram(StringBuilder text, MetricFamily family, string labels, MetricPoint point)
    {
        var lead = labels.Length > 0 ? labels + "," : "";
        var below = 0L;
        for (var i = 0; i < family.Bounds.Length; i++)
        {
            below += point.Buckets[i];
            WriteLine(text, family.Name + "_bucket", $"{lead}le=\"{Number(family.Bounds[i])}\"", Number(below));
        }

        WriteLine(text, family.Name + "_bucket", lead + "le=\"+Inf\"", Number(point.Count));
        WriteLine(text, family.Name + "_sum", labels, Number(point.Value));
        WriteLine(text, family.Name + "_count", labels, Number(point.Count));
    }

    private static void WriteLine(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value).Append('\n');
    }

    private static string Labels(LabelSet labels) => string.Join(',', labels.Pairs.Select(pair => $"{pair.Key}=\"{Escaped(Convert.ToString(pair.Value, CultureInfo.InvariantCulture) ?? "")}\""));

    private static string Escaped(string value) => value
        .Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
