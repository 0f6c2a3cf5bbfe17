using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Silo.Telemetry;

/// <summary>
/// Keeps what the instruments of this host measure, for whoever reads <c>/metrics</c>. Small and our own, because the
/// exporters for Prometheus are not to be had in the versions that this program is built with.
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MetricFamily> _observed = new(StringComparer.Ordinal);
    private readonly Lock _reading = new();
    private readonly MeterListener _listener = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="meters">The meters of this host; beside them count those that belong to the whole process.</param>
    public MetricsCollector(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instrumentation.Name && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters)))
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<int>(static (instrument, value, labels, family) => Take(instrument, value, labels, family));
        _listener.SetMeasurementEventCallback<long>(static (instrument, value, labels, family) => Take(instrument, value, labels, family));
        _listener.SetMeasurementEventCallback<double>(static (instrument, value, labels, family) => Take(instrument, value, labels, family));
        _listener.Start();
    }

    /// <summary>Everything as it is now.</summary>
    public string Write()
    {
        lock (_reading)
        {
            // What is not observed any more must not stay.
            foreach (var family in _observed.Values) family.Clear();
            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_families.Values);
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _listener.Dispose();

    private static void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels, object? family)
    {
        var series = ((MetricFamily)family!).Of(labels);
        if (instrument.IsObservable) series.Set(value);
        else if (((MetricFamily)family).Kind == MetricKind.Histogram) series.Observe(value);
        else series.Add(value);
    }

    private MetricFamily FamilyOf(Instrument instrument)
    {
        var kind = KindOf(instrument.GetType().GetGenericTypeDefinition());
        var bounds = instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } ? advised : [];
        var family = _families.GetOrAdd(instrument.Name, name => new MetricFamily(name, instrument.Description ?? "", kind, bounds));
        if (instrument.IsObservable) _observed[instrument.Name] = family;
        return family;
    }

    private static MetricKind KindOf(Type instrument)
    {
        if (instrument == typeof(Counter<>) || instrument == typeof(ObservableCounter<>)) return MetricKind.Counter;
        return instrument == typeof(Histogram<>) ? MetricKind.Histogram : MetricKind.Gauge;
    }
}
