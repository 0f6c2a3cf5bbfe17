using System.Globalization;
using System.Text.Json.Nodes;

namespace Grainflow.Engine.Monitoring;

/// <summary>The finished executions of a graph on one day.</summary>
/// <param name="Day">The day, in UTC.</param>
/// <param name="Executions">How many have ended, with or without a score.</param>
/// <param name="Score">The mean of their <c>correctness_score</c> times 100, so from 0 to 100; null when none has a score.</param>
public sealed record DailyAccuracy(DateOnly Day, long Executions, double? Score);

/// <summary>The moving averages of a graph at its last day.</summary>
/// <param name="Average3">Over the last 3 days with executions.</param>
/// <param name="Average7">Over the last 7 of them.</param>
/// <param name="Average14">Over the last 14 of them.</param>
/// <param name="DropPercent">How much lower the first is than the second, in percent of the second; negative for a rise, null without an average above 0.</param>
public sealed record AccuracyTrend(double? Average3, double? Average7, double? Average14, double? DropPercent);

/// <summary>Which agents have become less accurate (contract: semantics 9.3).</summary>
public static class ExecutionAccuracy
{
    /// <summary>A graph with fewer finished executions than this in <see cref="CountedDays"/> is not looked at.</summary>
    public const int LeastExecutions = 10;

    /// <summary>Over how many days executions are counted for <see cref="LeastExecutions"/>.</summary>
    public const int CountedDays = 30;

    /// <summary>Of how many days, today's included, the daily means are taken.</summary>
    public const int TrendDays = 21;

    /// <summary>From how many percent on a drop is reported.</summary>
    public const double LeastDropPercent = 10;

    /// <summary>The start of what is read: <see cref="CountedDays"/> before.</summary>
    /// <param name="now">The time.</param>
    public static DateTimeOffset Since(DateTimeOffset now) => now.AddDays(-CountedDays);

    /// <summary>
    /// The trend of a graph; null when too few of its executions have finished, or none in the days of the trend. An average is over rows, that is days with executions, and not
    /// over days of the calendar; a row whose executions have no score takes a place and no part in it.
    /// </summary>
    /// <param name="days">The days with finished executions since <see cref="Since"/>, in any order.</param>
    /// <param name="now">The time.</param>
    public static AccuracyTrend? Trend(IReadOnlyCollection<DailyAccuracy> days, DateTimeOffset now)
    {
        if (days.Sum(day => day.Executions) < LeastExecutions) return null;
        var first = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - TrendDays);
        var rows = days.Where(day => day.Day >= first).OrderByDescending(day => day.Day).ToList();
        if (rows.Count == 0) return null;
        var (three, seven, fourteen) = (Average(rows, 3), Average(rows, 7), Average(rows, 14));
        return new AccuracyTrend(three, seven, fourteen, three is { } recent && seven is > 0 ? (seven.Value - recent) / seven.Value * 100 : null);
    }

    /// <summary>The alert for a graph; null when it has not become less accurate.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="name">Its name.</param>
    /// <param name="trend">Its trend.</param>
    public static Alert? Report(Guid graphId, string name, AccuracyTrend trend)
    {
        if (trend.DropPercent is not >= LeastDropPercent) return null;
        var title = string.Create(CultureInfo.InvariantCulture, $"The accuracy of graph {graphId} has dropped by {trend.DropPercent:0.#} %.");
        var message = string.Create(
            CultureInfo.InvariantCulture, $"{title} Agent \"{name}\": {trend.Average3:0.#} over the last 3 days with executions, {trend.Average7:0.#} over 7, {trend.Average14:0.#} over 14.");
        var details = new JsonObject
        {
            ["graph_id"] = graphId.ToString(),
            ["agent_name"] = name,
            ["drop_percent"] = Math.Round(trend.DropPercent.Value, 2),
            ["three_day_average"] = trend.Average3,
            ["seven_day_average"] = trend.Average7,
            ["fourteen_day_average"] = trend.Average14,
        };
        return new Alert(AlertTypes.ExecutionAccuracy, AlertChannels.Product, title, message, details);
    }

    private static double? Average(IEnumerable<DailyAccuracy> rows, int count) => rows.Take(count).Average(row => row.Score);
}
