using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Monitoring;

namespace Grainflow.Engine.Tests.Monitoring;

/// <summary>The rules of semantics 9.3.</summary>
public sealed class ExecutionAccuracyTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 23, 59, 0, TimeSpan.Zero);
    private static readonly Guid GraphId = new("11111111-1111-4111-8111-111111111111");

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void A_graph_needs_ten_finished_executions_in_30_days(int executions, bool isChecked)
    {
        Assert.Equal(Now.AddDays(-30), ExecutionAccuracy.Since(Now));
        // One of them is too old for the trend and still counts.
        Assert.Equal(isChecked, ExecutionAccuracy.Trend([Day(25, 50, 1), Day(0, 50, executions - 1)], Now) is not null);
    }

    [Fact]
    public void The_means_of_21_days_count_and_none_older()
    {
        Assert.Equal(50, ExecutionAccuracy.Trend([Day(21, 100, 10), Day(20, 50, 1)], Now)!.Average14);
        Assert.Null(ExecutionAccuracy.Trend([Day(21, 100, 10)], Now));
    }

    [Fact]
    public void Moving_averages_are_over_the_last_3_7_and_14_rows()
    {
        var days = Enumerable.Range(0, 16).Select(ago => Day(ago, ago, 1)).ToList();
        var trend = ExecutionAccuracy.Trend(days, Now)!;
        Assert.Equal((1.0, 3.0, 6.5), (trend.Average3, trend.Average7, trend.Average14));
    }

    [Fact]
    public void Rows_are_days_with_executions_and_not_days_of_the_calendar()
    {
        var days = new[] { Day(18, 90, 4), Day(12, 60, 4), Day(5, 30, 4), Day(1, 0, 4) };
        Assert.Equal(30, ExecutionAccuracy.Trend(days, Now)!.Average3);
    }

    [Fact]
    public void A_row_without_a_score_takes_a_place_and_no_part()
    {
        var days = new[] { Day(3, 90, 4), Day(2, 60, 4), Day(1, null, 4), Day(0, 30, 4) };
        Assert.Equal((45.0, 60.0), (ExecutionAccuracy.Trend(days, Now)!.Average3, ExecutionAccuracy.Trend(days, Now)!.Average7));
        Assert.Equal(new AccuracyTrend(null, null, null, null), ExecutionAccuracy.Trend([Day(0, null, 10)], Now));
    }

    [Theory]
    [InlineData(72, 80, true)]
    [InlineData(72.1, 80, false)]
    [InlineData(90, 80, false)]
    [InlineData(0, 0, false)]
    public void A_drop_of_ten_percent_of_the_longer_average_is_reported_in_the_product_channel(double three, double seven, bool isReported)
    {
        var trend = new AccuracyTrend(three, seven, seven, seven > 0 ? (seven - three) / seven * 100 : null);
        var alert = ExecutionAccuracy.Report(GraphId, "Poet", trend);
        Assert.Equal(isReported, alert is not null);
        if (alert is null) return;
        Assert.Equal((AlertTypes.ExecutionAccuracy, AlertChannels.Product), (alert.Type, alert.Channel));
        Assert.Equal($"The accuracy of graph {GraphId} has dropped by 10 %. Agent \"Poet\": 72 over the last 3 days with executions, 80 over 7, 80 over 14.", alert.Message);
        Assert.Equal((GraphId.ToString(), "Poet", 10.0), ((string?)alert.Details["graph_id"], (string?)alert.Details["agent_name"], (double)alert.Details["drop_percent"]!));
    }

    [Fact]
    public void The_drop_is_the_difference_of_both_averages_by_the_longer_one()
    {
        // 4 rows of 100, then 3 of 30: (70 - 30) / 70.
        var days = Enumerable.Range(0, 7).Select(ago => Day(ago, ago < 3 ? 30 : 100, 2)).ToList();
        Assert.Equal(400.0 / 7, ExecutionAccuracy.Trend(days, Now)!.DropPercent!.Value, 9);
    }

    [Fact]
    public void A_graph_that_was_never_right_has_no_drop() => Assert.Null(ExecutionAccuracy.Trend([Day(0, 0, 10)], Now)!.DropPercent);

    [Fact]
    public void Averages_lie_among_the_means_whatever_the_order_of_the_days() => Prop.ForAll<int[]>(scores =>
    {
        var days = (scores ?? []).Take(ExecutionAccuracy.TrendDays).Select((score, ago) => Day(ago, (score & int.MaxValue) % 101, 10)).ToList();
        if (days.Count == 0) return true;
        var trend = ExecutionAccuracy.Trend(days, Now)!;
        var (least, most) = (days.Min(day => day.Score), days.Max(day => day.Score));
        days.Reverse();
        return ExecutionAccuracy.Trend(days, Now) == trend && new[] { trend.Average3, trend.Average7, trend.Average14 }.All(average => average >= least && average <= most);
    }).QuickCheckThrowOnFailure();

    private static DailyAccuracy Day(int ago, double? score, int executions) => new(DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-ago), executions, score);
}
