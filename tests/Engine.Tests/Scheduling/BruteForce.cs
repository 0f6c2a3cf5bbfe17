using Grainflow.Engine.Scheduling;
using NodaTime;

namespace Grainflow.Engine.Tests.Scheduling;

/// <summary>The rule of decision 14, asked of every minute one by one: slow, and without a search that could leave something out.</summary>
internal static class BruteForce
{
    private static readonly Duration LongestShift = Duration.FromHours(25);

    /// <summary>The instants from <paramref name="start"/> on, for a number of minutes, at which the expression is due. The offsets of the zone must be whole minutes then.</summary>
    public static IEnumerable<DateTimeOffset> Due(CronExpression expression, DateTimeZone zone, RepeatedTimes repeated, DateTimeOffset start, int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            var instant = Instant.FromDateTimeOffset(start.AddMinutes(i));
            if (IsDue(expression.Fields, zone, repeated, instant)) yield return instant.ToDateTimeOffset();
        }
    }

    private static bool IsDue(CronFields fields, DateTimeZone zone, RepeatedTimes repeated, Instant instant)
    {
        var interval = zone.GetZoneInterval(instant);
        var local = instant.InZone(zone).LocalDateTime;
        if (Matches(fields, fields.IntervalHours, local)) return true;
        if (Matches(fields, fields.FixedHours, local) && (repeated == RepeatedTimes.Both || zone.MapLocal(local).First().ToInstant() == instant)) return true;
        if (!interval.HasStart || instant - interval.Start >= LongestShift) return false;
        var missing = instant.WithOffset(zone.GetUtcOffset(interval.Start - Duration.Epsilon)).LocalDateTime;
        return zone.MapLocal(missing).Count == 0 && Matches(fields, fields.FixedHours, missing);
    }

    private static bool Matches(CronFields fields, ulong hours, LocalDateTime local) =>
        Has(fields.Minutes, local.Minute) && Has(hours, local.Hour) && Has(fields.Months, local.Month) && local.Second == 0 && DayMatches(fields, local);

    private static bool DayMatches(CronFields fields, LocalDateTime local)
    {
        var day = Has(fields.Days, local.Day) || (fields.LastDay && local.Day == local.Calendar.GetDaysInMonth(local.Year, local.Month));
        var weekday = Has(fields.Weekdays, (int)local.DayOfWeek % 7);
        return fields.EitherDay ? day || weekday : day && weekday;
    }

    private static bool Has(ulong set, int value) => ((set >> value) & 1) == 1;
}
