using NCrontab;

namespace Grainflow.Engine.Scheduling;

/// <summary>The local times of an expression, without regard to a zone. Immutable.</summary>
internal sealed class LocalTimes
{
    private const string LastDays = "28-31";

    private LocalTimes(IReadOnlyList<LocalTimesPart> parts) => Parts = parts;

    /// <summary>The local times are the union of these parts.</summary>
    public IReadOnlyList<LocalTimesPart> Parts { get; }

    /// <summary>Divides an expression into parts that NCrontab can compute: it lets day and weekday match together, and knows no last day.</summary>
    public static LocalTimes Of(CronFields fields)
    {
        var months = Text(fields.Months, CronFields.AllMonths);
        var weekdays = Text(fields.Weekdays, CronFields.AllWeekdays);
        var days = new List<(string Days, bool LastOnly)>();
        if (fields.EitherDay)
        {
            if (fields.HasDates) days.Add(($"{Text(fields.Days, CronFields.AllDays)} {months} *", false));
            days.Add(($"* {months} {weekdays}", false));
        }
        else
        {
            if (fields.Days != 0) days.Add(($"{Text(fields.Days, CronFields.AllDays)} {months} {weekdays}", false));
            if (fields.LastDay) days.Add(($"{LastDays} {months} {weekdays}", true));
        }

        var parts = new List<LocalTimesPart>();
        var minutes = Text(fields.Minutes, CronFields.AllMinutes);
        foreach (var (hours, interval) in new[] { (fields.IntervalHours, true), (fields.FixedHours, false) })
        {
            if (hours == 0) continue;
            var times = $"{minutes} {Text(hours, CronFields.AllHours)}";
            foreach (var day in days) parts.Add(new LocalTimesPart(CrontabSchedule.Parse($"{times} {day.Days}"), interval, day.LastOnly));
        }

        return new LocalTimes(parts);
    }

    private static string Text(ulong set, ulong all) => set == all ? "*" : Bits.Text(set);
}

/// <summary>Some of the local times of an expression.</summary>
/// <param name="schedule">What computes them.</param>
/// <param name="interval">Whether the hours are an interval, by which changes of the clock are treated (decision 14).</param>
/// <param name="lastOnly">Whether only those on the last day of a month count.</param>
internal sealed class LocalTimesPart(CrontabSchedule schedule, bool interval, bool lastOnly)
{
    /// <summary>True when the hours are an interval, false when they are fixed.</summary>
    public bool Interval => interval;

    /// <summary>The first local time after one moment and before another; null when there is none.</summary>
    public DateTime? Next(DateTime after, DateTime before)
    {
        while (after < before)
        {
            var next = schedule.GetNextOccurrence(after, before);
            if (next >= before) break;
            if (!lastOnly || next.Day == DateTime.DaysInMonth(next.Year, next.Month)) return next;
            after = next.Date.AddDays(1).AddTicks(-1);
        }

        return null;
    }
}
