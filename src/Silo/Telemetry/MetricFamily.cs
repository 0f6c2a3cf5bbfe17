using System.Collections.Concurrent;

namespace Grainflow.Silo.Telemetry;

/// <summary>All series of one metric.</summary>
internal sealed class MetricFamily
{
    /// <summary>More series than any metric of ours can have; a label that grows without end must not fill the memory.</summary>
    public const int MostSeries = 2_000;

    private readonly ConcurrentDictionary<LabelSet, MetricSeries> _series = new(LabelSetComparer.Instance);
    private readonly ConcurrentDictionary<LabelSet, MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byLabels;

    public MetricFamily(string name, string help, MetricKind kind, IReadOnlyList<double> bounds)
    {
        Name = name;
        Help = help;
        Kind = kind;
        Bounds = [.. bounds];
        _byLabels = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>The upper bounds of a histogram's buckets.</summary>
    public double[] Bounds { get; }

    /// <summary>The series that there are.</summary>
    public IEnumerable<KeyValuePair<LabelSet, MetricSeries>> Series => _series;

    /// <summary>The series of these labels; beyond the limit one for all.</summary>
    public MetricSeries Of(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (_byLabels.TryGetValue(labels, out var known)) return known;
        // Threads that come at the same time may pass the limit by one each, and not by more.
        var set = _series.Count < MostSeries ? LabelSetComparer.Instance.Create(labels) : LabelSet.Overflow;
        return _series.GetOrAdd(set, static (_, bounds) => new MetricSeries(bounds), Bounds);
    }

    /// <summary>Forgets all series; for what is observed anew each time.</summary>
    public void Clear() => _series.Clear();
}
