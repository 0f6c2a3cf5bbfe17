using System.Globalization;
using Grainflow.Gateway.Credits;
using Grainflow.WebConsole.Layout;
using Grainflow.WebConsole.Money;

namespace Grainflow.WebConsole.Tests;

public sealed class PlotTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0 1")]
    [InlineData(7, "0 2 4 6 8")]
    [InlineData(100, "0 20 40 60 80 100")]
    [InlineData(0.03, "0 0.01 0.02 0.03")]
    public void The_ticks_of_an_axis_are_round_numbers_up_to_the_highest_value(double most, string expected) =>
        Assert.Equal(expected, string.Join(' ', PlotScale.OfValues(most, value => value.ToString("0.##", CultureInfo.InvariantCulture), isWhole: most is 0).Select(tick => tick.Text)));

    [Fact]
    public void The_ticks_of_a_time_are_at_full_hours_or_days()
    {
        Assert.Equal(["01-05 12:00", "13:00", "14:00"], PlotScale.OfTimes(Noon, Noon.AddHours(2.5)).Select(tick => tick.Text));
        Assert.Equal("01-06", PlotScale.OfTimes(Noon, Noon.AddDays(5))[0].Text);
    }

    [Fact]
    public void Days_without_a_value_are_days_all_the_same_and_only_the_newest_are_shown()
    {
        PlotSeries[] series = [new("a", [new PlotPoint(Noon, 1), new PlotPoint(Noon.AddDays(4), 2)])];
        Assert.Equal(5, PlotScale.Days(series, 62).Count);
        Assert.Equal([new DateOnly(2026, 1, 8), new DateOnly(2026, 1, 9)], PlotScale.Days(series, 2));
        Assert.Empty(PlotScale.Days([], 62));
    }

    [Fact]
    public void The_charges_of_a_run_are_one_entry_also_over_two_pages()
    {
        var ledger = new Ledger();
        ledger.Add([Usage("r1", "g", -3, Noon), Usage("r2", "g", -1, Noon.AddHours(-1))]);
        ledger.Add([Usage("r2", "g", -4, Noon.AddHours(-2))]);
        Assert.Equal([("r1", -3), ("r2", -5)], ledger.Entries.Select(entry => (entry.UsageExecutionId!, (int)entry.Amount)));
    }

    [Fact]
    public void Spending_is_by_day_and_agent_and_the_agents_beyond_five_are_together()
    {
        var ledger = new Ledger();
        ledger.Add(Enumerable.Range(1, 7).Select(i => Usage($"r{i}", $"graph-{i}", -i, Noon)));

        var series = ledger.Spending(new Dictionary<string, string>(StringComparer.Ordinal) { ["graph-7"] = "Seven" });

        Assert.Equal(["Seven", "Agent graph-6", "Agent graph-5", "Agent graph-4", "Agent graph-3", "2 others"], series.Select(one => one.Name));
        Assert.Equal(3, series[^1].Points.Sum(point => point.Value));
        Assert.Equal("2026-01-05 12:00 to 2026-01-05 12:00 UTC", ledger.Period());
    }

    private static UserTransaction Usage(string run, string graph, int amount, DateTimeOffset at) => new()
    {
        TransactionKey = run,
        TransactionTime = at,
        TransactionType = "USAGE",
        Amount = amount,
        UsageExecutionId = run,
        UsageGraphId = graph,
        UsageNodeCount = 1,
        UsageStartTime = at,
        UserId = "u",
    };
}
