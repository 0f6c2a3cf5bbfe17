using System.Globalization;

namespace Grainflow.WebConsole.Layout;

/// <summary>How the points of a plot are drawn.</summary>
public enum PlotForm
{
    /// <summary>Points over time, joined where the series says so.</summary>
    Line,

    /// <summary>A bar for each day, with a part for each series. Times count by their day in UTC.</summary>
    Bars,
}

/// <summary>A value at a time.</summary>
/// <param name="At">The time.</param>
/// <param name="Value">The value, 0 or more.</param>
/// <param name="Note">What else is told about it, or null.</param>
public sealed record PlotPoint(DateTimeOffset At, double Value, string? Note = null);

/// <summary>Points that belong together.</summary>
/// <param name="Name">What they are called in the legend.</param>
/// <param name="Points">The points, in any order.</param>
/// <param name="IsJoined">Whether a line leads from each point to the next; bars do not ask.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<PlotPoint> Points, bool IsJoined = true);

/// <summary>A place on an axis and what is written there.</summary>
/// <param name="Value">The value, or the ticks of a time in UTC.</param>
/// <param name="Text">The label.</param>
internal readonly record struct PlotTick(double Value, string Text);

/// <summary>The axes of a plot.</summary>
internal static class PlotScale
{
    private const int Ticks = 5;

    private static readonly double[] Factors = [1, 2, 5, 10];

    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(3),
        TimeSpan.FromHours(6), TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(7), TimeSpan.FromDays(28), TimeSpan.FromDays(91), TimeSpan.FromDays(182), TimeSpan.FromDays(365),
    ];

    /// <summary>The ticks of an axis of values from 0: 1, 2 or 5 times a power of ten apart, the last at or above the highest value.</summary>
    /// <param name="most">The highest value; with 0 or less the axis ends at 1.</param>
    /// <param name="format">Writes a value.</param>
    /// <param name="isWhole">Whether the values are whole numbers, so that ticks between them would mean nothing.</param>
    public static IReadOnlyList<PlotTick> OfValues(double most, Func<double, string> format, bool isWhole = false)
    {
        if (!double.IsFinite(most) || most <= 0) most = 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most / Ticks)));
        var step = Factors.Select(factor => factor * power).First(step => most / step <= Ticks + 1e-9);
        if (isWhole) step = Math.Max(1, Math.Round(step));
        var count = (int)Math.Ceiling((most / step) - 1e-9);
        return [.. Enumerable.Range(0, count + 1).Select(index => new PlotTick(index * step, format(index * step)))];
    }

    /// <summary>The ticks of an axis of time: at full seconds, minutes, hours or days in UTC, at most nine.</summary>
    /// <param name="from">The beginning of the axis.</param>
    /// <param name="to">The end, later than the beginning.</param>
    public static IReadOnlyList<PlotTick> OfTimes(DateTimeOffset from, DateTimeOffset to)
    {
        var step = Array.Find(Steps, step => (to - from) / step <= 8);
        if (step == default) step = TimeSpan.FromDays(Math.Ceiling((to - from).TotalDays / 8));
        var ticks = new List<PlotTick>();
        for (var at = (from.UtcTicks + step.Ticks - 1) / step.Ticks * step.Ticks; at <= to.UtcTicks; at += step.Ticks) ticks.Add(new PlotTick(at, Label(new DateTime(at, DateTimeKind.Utc), step, ticks.Count == 0)));
        return ticks;
    }

    /// <summary>All days from the first to the last that a point has, at most a number of them: the newest.</summary>
    /// <param name="series">The points.</param>
    /// <param name="most">The most days.</param>
    public static IReadOnlyList<DateOnly> Days(IEnumerable<PlotSeries> series, int most)
    {
        var all = series.SelectMany(one => one.Points).Select(point => DayOf(point.At)).ToList();
        if (all.Count == 0) return [];
        var (last, first) = (all.Max(), all.Min());
        var count = Math.Min(last.DayNumber - first.DayNumber + 1, most);
        return [.. Enumerable.Range(0, count).Select(index => last.AddDays(index - count + 1))];
    }

    /// <summary>The day of a time in UTC.</summary>
    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>A coordinate of SVG.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Label(DateTime at, TimeSpan step, bool isFirst)
    {
        if (step >= TimeSpan.FromDays(1)) return at.ToString(step >= TimeSpan.FromDays(28) ? "yyyy-MM-dd" : "MM-dd", CultureInfo.InvariantCulture);
        var time = at.ToString(step < TimeSpan.FromMinutes(1) ? "HH:mm:ss" : "HH:mm", CultureInfo.InvariantCulture);
        return isFirst || at.TimeOfDay == TimeSpan.Zero ? at.ToString("MM-dd ", CultureInfo.InvariantCulture) + time : time;
    }
}
