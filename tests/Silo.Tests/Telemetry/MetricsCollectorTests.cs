using System.Diagnostics.Metrics;
using Grainflow.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.Tests.Telemetry;

public sealed class MetricsCollectorTests : IDisposable
{
    private readonly ServiceProvider _host = Host();
    private readonly MetricsCollector _collector;
    private readonly Meter _meter;

    public MetricsCollectorTests()
    {
        _collector = _host.GetRequiredService<MetricsCollector>();
        _meter = _host.GetRequiredService<IMeterFactory>().Create("Grainflow");
    }

    [Fact]
    public void Every_kind_of_instrument_is_kept_as_what_it_is()
    {
        _meter.CreateCounter<long>("c_total", description: "A counter.").Add(2);
        _meter.CreateUpDownCounter<long>("u").Add(-1);
        _meter.CreateObservableGauge("g", () => 0.5);
        _meter.CreateObservableCounter("o_total", () => 7L);
        _meter.CreateHistogram("h", null, null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] }).Record(3);

        var text = _collector.Write();

        Assert.Contains("# HELP c_total A counter.\n# TYPE c_total counter\nc_total 2\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE u gauge\nu -1\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE g gauge\ng 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE o_total counter\no_total 7\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE h histogram\nh_bucket{le=\"1\"} 0\nh_bucket{le=\"+Inf\"} 1\nh_sum 3\nh_count 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_observed_is_shown_as_it_is_now()
    {
        string[] names = ["a", "b"];
        _meter.CreateObservableGauge("g", () => names.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("n", name))));
        Assert.Contains("g{n=\"a\"} 1\ng{n=\"b\"} 1\n", _collector.Write(), StringComparison.Ordinal);

        names = ["b"];
        Assert.Contains("# TYPE g gauge\ng{n=\"b\"} 1\n", _collector.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_host_and_other_meters_are_left_out()
    {
        using var other = Host();
        other.GetRequiredService<IMeterFactory>().Create("Grainflow").CreateCounter<long>("of_another_host_total").Add(1);
        _host.GetRequiredService<IMeterFactory>().Create("Other").CreateCounter<long>("of_another_meter_total").Add(1);
        using var shared = new Meter("Grainflow");
        shared.CreateCounter<long>("of_the_process_total").Add(1);

        var text = _collector.Write();

        Assert.DoesNotContain("of_another", text, StringComparison.Ordinal);
        Assert.Contains("of_the_process_total 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_measurement_allocates_nothing_once_its_series_is_there()
    {
        var counter = _meter.CreateCounter<long>("c_total");
        Measure(counter, 1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure(counter, 1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose() => _host.Dispose();

    private static void Measure(Counter<long> counter, int times)
    {
        for (var i = 0; i < times; i++) counter.Add(1, new KeyValuePair<string, object?>("a", "x"), new KeyValuePair<string, object?>("b", i % 2 == 0 ? "y" : "z"));
    }

    private static ServiceProvider Host() => new ServiceCollection().AddMetrics().AddSingleton<MetricsCollector>().BuildServiceProvider();
}
