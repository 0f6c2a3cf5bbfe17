using Grainflow.Silo.Telemetry;

namespace Grainflow.Silo.Tests.Telemetry;

/// <summary>Against the text format 0.0.4 of Prometheus.</summary>
public sealed class PrometheusTextTests
{
    [Fact]
    public void A_metric_without_series_says_what_it_is() =>
        Assert.Equal("# HELP a_total How many.\n# TYPE a_total counter\n", Write(new MetricFamily("a_total", "How many.", MetricKind.Counter, [])));

    [Fact]
    public void Nothing_gives_nothing() => Assert.Equal("", PrometheusText.Write([]));

    [Fact]
    public void A_counter_shows_its_sum()
    {
        var family = new MetricFamily("a_total", "", MetricKind.Counter, []);
        family.Of([]).Add(1);
        family.Of([]).Add(41);
        Assert.Equal("# HELP a_total \n# TYPE a_total counter\na_total 42\n", Write(family));
    }

    [Fact]
    public void A_gauge_may_fall()
    {
        var family = new MetricFamily("a", "", MetricKind.Gauge, []);
        family.Of([]).Add(1);
        family.Of([]).Add(-3);
        Assert.Equal("a -2", Lines(family)[2]);
        family.Of([]).Set(0.25);
        Assert.Equal("a 0.25", Lines(family)[2]);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1e20, "1E+20")]
    [InlineData(0.1, "0.1")]
    [InlineData(-7.5, "-7.5")]
    [InlineData(9007199254740991, "9007199254740991")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    public void Numbers_are_written_whole(double value, string text)
    {
        var family = new MetricFamily("a", "", MetricKind.Gauge, []);
        family.Of([]).Set(value);
        Assert.Equal($"a {text}", Lines(family)[2]);
    }

    [Fact]
    public void Labels_keep_their_order_and_series_are_sorted()
    {
        var family = new MetricFamily("a_total", "", MetricKind.Counter, []);
        family.Of([Pair("x", "b"), Pair("a", "1")]).Add(2);
        family.Of([Pair("x", "a"), Pair("a", "9")]).Add(1);
        Assert.Equal(["a_total{x=\"a\",a=\"9\"} 1", "a_total{x=\"b\",a=\"1\"} 2"], Lines(family)[2..4]);
    }

    [Theory]
    [InlineData("say \"hi\"", @"say \""hi\""")]
    [InlineData(@"C:\new", @"C:\\new")]
    [InlineData("two\nlines", @"two\nlines")]
    [InlineData("\\\"\n", @"\\\""\n")]
    [InlineData("ä{}=,", "ä{}=,")]
    public void Values_of_labels_are_escaped(string value, string text)
    {
        var family = new MetricFamily("a", "", MetricKind.Gauge, []);
        family.Of([Pair("l", value)]).Set(1);
        Assert.Equal($"a{{l=\"{text}\"}} 1", Lines(family)[2]);
    }

    [Fact]
    public void Values_that_are_no_text_are_written_as_such_and_missing_ones_are_empty()
    {
        var family = new MetricFamily("a", "", MetricKind.Gauge, []);
        family.Of([Pair("l", 1.5), Pair("m", null)]).Set(1);
        Assert.Equal("a{l=\"1.5\",m=\"\"} 1", Lines(family)[2]);
    }

    [Fact]
    public void Help_is_escaped_without_its_quotes() =>
        Assert.Equal(@"# HELP a say ""\\n"" and \n", Lines(new MetricFamily("a", "say \"\\n\" and \n", MetricKind.Gauge, []))[0]);

    [Fact]
    public void Buckets_count_all_that_is_not_larger_and_the_last_counts_everything()
    {
        var family = new MetricFamily("a_seconds", "", MetricKind.Histogram, [.1, 1, 5]);
        foreach (var value in new[] { .05, .1, .5, 5, 5.001, 100 }) family.Of([]).Observe(value);
        Assert.Equal(
            [
                "# TYPE a_seconds histogram",
                "a_seconds_bucket{le=\"0.1\"} 2",
                "a_seconds_bucket{le=\"1\"} 3",
                "a_seconds_bucket{le=\"5\"} 4",
                "a_seconds_bucket{le=\"+Inf\"} 6",
                "a_seconds_sum 110.651",
                "a_seconds_count 6",
            ],
            Lines(family)[1..8]);
    }

    [Fact]
    public void Labels_of_a_histogram_stand_before_its_bound()
    {
        var family = new MetricFamily("a_seconds", "", MetricKind.Histogram, [1]);
        family.Of([Pair("b", "x")]).Observe(2);
        Assert.Equal(
            ["a_seconds_bucket{b=\"x\",le=\"1\"} 0", "a_seconds_bucket{b=\"x\",le=\"+Inf\"} 1", "a_seconds_sum{b=\"x\"} 2", "a_seconds_count{b=\"x\"} 1"],
            Lines(family)[2..6]);
    }

    [Fact]
    public void Metrics_are_sorted_by_name() => Assert.Equal(
        ["# TYPE a gauge", "# TYPE b gauge"],
        PrometheusText.Write([new MetricFamily("b", "", MetricKind.Gauge, []), new MetricFamily("a", "", MetricKind.Gauge, [])]).Split('\n').Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)));

    [Fact]
    public void Beyond_the_limit_all_series_are_one()
    {
        var family = new MetricFamily("a_total", "", MetricKind.Counter, []);
        for (var i = 0; i < MetricFamily.MostSeries + 10; i++) family.Of([Pair("l", i)]).Add(1);
        family.Of([Pair("l", 0)]).Add(1);

        Assert.Equal(MetricFamily.MostSeries + 1, family.Series.Count());
        Assert.Contains("a_total{l=\"0\"} 2", Lines(family));
        Assert.Contains("a_total{otel_metric_overflow=\"true\"} 10", Lines(family));
        Assert.Equal(MetricFamily.MostSeries + 11, family.Series.Sum(series => series.Value.Read().Value));
    }

    [Fact]
    public async Task Nothing_is_lost_between_threads()
    {
        var family = new MetricFamily("a_seconds", "", MetricKind.Histogram, [1]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++) family.Of([Pair("l", i % 3)]).Observe(thread % 2);
        })));
        Assert.Equal(80_000, family.Series.Sum(series => series.Value.Read().Count));
        Assert.Equal(40_000, family.Series.Sum(series => series.Value.Read().Value));
    }

    private static KeyValuePair<string, object?> Pair(string name, object? value) => new(name, value);

    private static string Write(MetricFamily family) => PrometheusText.Write([family]);

    private static string[] Lines(MetricFamily family) => Write(family).Split('\n');
}
