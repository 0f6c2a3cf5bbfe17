using NodaTime;
using NodaTime.Text;

namespace Grainflow.Engine.Scheduling;

/// <summary>When a fixed local time that a change of the clock repeats is due (contract: decision 14).</summary>
public enum RepeatedTimes
{
    /// <summary>At its first instant only.</summary>
    First,

    /// <summary>At both of its instants.</summary>
    Both,
}

/// <summary>
/// The instants at which a cron expression is due in a time zone (contract: decision 14). An hour field of <c>*</c> or with a step is an interval: it is
/// due at each instant whose local time matches, so in both passes of a repeated hour and never in a missing one. Any other hour is fixed: a missing
/// time is due at the instant computed with the offset before the change, a repeated one at its first instant or at both. Instants are distinct,
/// however many local times they have. All times must be from the year 1 to 9998; beyond there are no occurrences. Immutable, and safe to use by
/// several threads.
/// </summary>
/// <param name="expression">The local times.</param>
/// <param name="zone">The zone.</param>
/// <param name="repeated">What becomes of fixed times that are repeated.</param>
public sealed class ScheduleTimes(CronExpression expression, DateTimeZone zone, RepeatedTimes repeated = RepeatedTimes.First)
{
    /// <summary>No zone has moved its clock by more than the 24 hours of a date line.</summary>
    private static readonly TimeSpan LongestShift = TimeSpan.FromHours(25);

    /// <summary>
    /// How far a search goes. The rarest dates, a weekday of 29 February, are at most 40 years apart; only an interval inside of hours that are always
    /// missing has nothing within this time.
    /// </summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(36_525);

    private static readonly DateTime Earliest = new(1, 1, 3, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Latest = new(9998, 12, 29, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>How far the search for an earlier occurrence goes back, one after another.</summary>
    private static readonly TimeSpan[] Widths = [TimeSpan.FromHours(1), TimeSpan.FromHours(25), TimeSpan.FromDays(32), TimeSpan.FromDays(367), TimeSpan.FromDays(2923), Horizon];

    private static readonly OffsetDateTimePattern LocalPattern = OffsetDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'sso<+HH:mm>");

    /// <summary>The expression.</summary>
    public CronExpression Expression => expression;

    /// <summary>The zone.</summary>
    public DateTimeZone Zone => zone;

    /// <summary>What becomes of fixed times that are repeated.</summary>
    public RepeatedTimes Repeated => repeated;

    /// <summary>The first occurrence after an instant, which is itself excluded.</summary>
    /// <param name="after">The instant.</param>
    /// <returns>The instant in UTC; null when there is none within the next 100 years.</returns>
    public DateTimeOffset? Next(DateTimeOffset after) => Next(after.UtcDateTime) is { } next ? new DateTimeOffset(next, TimeSpan.Zero) : null;

    /// <summary>The last occurrence before an instant, which is itself excluded.</summary>
    /// <param name="before">The instant.</param>
    /// <returns>The instant in UTC; null when there is none within the 100 years before.</returns>
    public DateTimeOffset? Previous(DateTimeOffset before)
    {
        var end = before.UtcDateTime < Latest ? before.UtcDateTime : Latest;
        foreach (var width in Widths)
        {
            var start = end - Earliest > width ? end - width : Earliest;
            if (Next(start) is not { } found || found >= end) continue;
            return new DateTimeOffset(LastBetween(found, end), TimeSpan.Zero);
        }

        return null;
    }

    /// <summary>The occurrences after one instant up to and including another, computed one by one as they are read.</summary>
    /// <param name="after">The instant after which they begin.</param>
    /// <param name="until">The last instant that counts.</param>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var next = Next(after); next is { } time && time <= until; next = Next(time)) yield return time;
    }

    /// <summary>The local time of an instant in this zone with its offset from UTC, in ISO 8601: <c>2026-03-29T09:00:00+01:00</c>.</summary>
    /// <param name="instant">The instant; parts of a second are not shown.</param>
    public string Local(DateTimeOffset instant) => Local(instant, zone);

    /// <summary>The local time of an instant in any zone, as <see cref="Local(DateTimeOffset)"/> writes it.</summary>
    /// <param name="instant">The instant; parts of a second are not shown.</param>
    /// <param name="zone">The zone.</param>
    public static string Local(DateTimeOffset instant, DateTimeZone zone) => LocalPattern.Format(Instant.FromDateTimeOffset(instant).InZone(zone).ToOffsetDateTime());

    /// <summary>
    /// The last occurrence before <paramref name="end"/>, when <paramref name="found"/> is one: halves the time in which it may lie. NCrontab
    /// only searches forwards, and by this both directions have one rule.
    /// </summary>
    private DateTime LastBetween(DateTime found, DateTime end)
    {
        // Occurrences are at whole seconds.
        while (end - found > TimeSpan.FromSeconds(1))
        {
            var middle = found + ((end - found) / 2);
            var next = Next(middle);
            if (next is { } later && later < end) found = later;
            else end = middle + TimeSpan.FromTicks(1);
        }

        return found;
    }

    private DateTime? Next(DateTime after)
    {
        if (after < Earliest) after = Earliest;
        if (after >= Latest) return null;
        var limit = Latest - after > Horizon ? after + Horizon : Latest;
        var stretch = StretchAt(after);
        // Times that are missing at the beginning of this stretch belong to the one before.
        if (stretch.Start > DateTime.MinValue && after - stretch.Start < LongestShift) stretch = StretchAt(stretch.Start.AddTicks(-1));
        DateTime? best = null;
        while (true)
        {
            DateTime? beyond = null;
            foreach (var part in expression.Times.Parts)
            {
                var local = FirstIn(stretch, part, after, limit);
                if (local is null) continue;
                if (local < EndOf(stretch, part, local.Value)) best = Earlier(best, local.Value - stretch.Offset);
                else beyond = Earlier(beyond, local.Value);
            }

            if (best < stretch.End) return best;
            if (best is null && beyond is null) return null;
            if (stretch.End >= limit) return best;
            stretch = StretchAt(Following(stretch, after, best, beyond));
        }
    }

    /// <summary>The instant at which the search goes on: the end of the stretch, or short of the next local time when that is far away.</summary>
    private static DateTime Following(Stretch stretch, DateTime after, DateTime? best, DateTime? beyond)
    {
        // Near the end of a stretch the following one repeats local times, of which those up to `after` were not looked at.
        if (best is not null || beyond is null || after >= stretch.End - LongestShift) return stretch.End;
        var near = beyond.Value - (LongestShift * 2);
        return near > stretch.End ? near : stretch.End;
    }

    /// <summary>The first local time of a part in a stretch or after it, later than <paramref name="after"/>.</summary>
    private DateTime? FirstIn(Stretch stretch, LocalTimesPart part, DateTime after, DateTime limit)
    {
        var from = after + stretch.Offset;
        if (stretch.Start > DateTime.MinValue && after - stretch.Start < LongestShift)
        {
            var begin = stretch.Start + stretch.Offset;
            if (!part.Interval && repeated == RepeatedTimes.First)
            {
                var repeatedUntil = stretch.Start + StretchAt(stretch.Start.AddTicks(-1)).Offset;
                if (repeatedUntil > begin) begin = repeatedUntil;
            }

            if (begin > from) from = begin.AddTicks(-1);
        }

        return part.Next(from, limit + stretch.Offset);
    }

    /// <summary>The local time at which a stretch ends for a part: fixed times that are missing at its end still belong to it.</summary>
    private DateTime EndOf(Stretch stretch, LocalTimesPart part, DateTime local)
    {
        if (stretch.End == DateTime.MaxValue) return DateTime.MaxValue;
        var end = stretch.End + stretch.Offset;
        if (part.Interval || local < end) return end;
        var after = stretch.End + StretchAt(stretch.End).Offset;
        return after > end ? after : end;
    }

    private Stretch StretchAt(DateTime instant)
    {
        var interval = zone.GetZoneInterval(Instant.FromDateTimeUtc(instant));
        return new Stretch(
            interval.HasStart && interval.Start > Instant.FromDateTimeUtc(Earliest) ? interval.Start.ToDateTimeUtc() : DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc),
            interval.HasEnd && interval.End < Instant.FromDateTimeUtc(Latest) ? interval.End.ToDateTimeUtc() : DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc),
            interval.WallOffset.ToTimeSpan());
    }

    private static DateTime Earlier(DateTime? one, DateTime other) => one < other ? one.Value : other;

    /// <summary>A time in which the zone has one offset.</summary>
    /// <param name="Start">Its first instant; the least value when it has none.</param>
    /// <param name="End">The first instant after it; the greatest value when there is none.</param>
    /// <param name="Offset">Local time less UTC.</param>
    private readonly record struct Stretch(DateTime Start, DateTime End, TimeSpan Offset);
}
