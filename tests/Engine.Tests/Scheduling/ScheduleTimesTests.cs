using Grainflow.Engine.Scheduling;
using NodaTime;
using NodaTime.TimeZones;

namespace Grainflow.Engine.Tests.Scheduling;

public sealed class ScheduleTimesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 29, 0, 30, 0, TimeSpan.Zero);

    [Fact]
    public void An_instant_is_not_after_and_not_before_itself()
    {
        var times = Times("30 0 * * *", "UTC");
        Assert.Equal(Start.AddDays(1), times.Next(Start));
        Assert.Equal(Start.AddDays(-1), times.Previous(Start));
        Assert.Equal(Start, times.Next(Start.AddTicks(-1)));
        Assert.Equal(Start, times.Previous(Start.AddTicks(1)));
    }

    [Fact]
    public void Between_begins_after_its_beginning_and_includes_its_end() =>
        Assert.Equal([Start.AddDays(1), Start.AddDays(2)], Times("30 0 * * *", "UTC").Between(Start, Start.AddDays(2)));

    [Fact]
    public void Between_computes_only_what_is_read() => Assert.Equal(Start.AddMinutes(1), Times("* * * * *", "UTC").Between(Start, DateTimeOffset.MaxValue).First());

    [Fact]
    public void The_offset_of_the_question_changes_nothing() =>
        Assert.Equal(Times("30 0 * * *", "UTC").Next(Start), Times("30 0 * * *", "UTC").Next(Start.ToOffset(TimeSpan.FromHours(-7))));

    [Fact]
    public void Answers_are_in_utc()
    {
        var times = Times("0 9 * * *", "Asia/Kolkata");
        Assert.Equal(TimeSpan.Zero, times.Next(Start)!.Value.Offset);
        Assert.Equal(TimeSpan.Zero, times.Previous(Start.ToOffset(TimeSpan.FromHours(3)))!.Value.Offset);
    }

    [Theory]
    [InlineData("Europe/London", "2026-03-29T00:30:00+00:00")]
    [InlineData("UTC", "2026-03-29T00:30:00+00:00")]
    [InlineData("Asia/Kolkata", "2026-03-29T06:00:00+05:30")]
    [InlineData("America/St_Johns", "2026-03-28T22:00:00-02:30")]
    [InlineData("Pacific/Kiritimati", "2026-03-29T14:30:00+14:00")]
    public void The_local_time_has_the_offset_of_the_zone(string zone, string local) => Assert.Equal(local, Times("* * * * *", zone).Local(Start));

    [Fact]
    public void Leap_days_over_the_gap_of_a_century_are_found_in_both_directions()
    {
        var times = Times("0 0 29 2 *", "UTC");
        Assert.Equal(new DateTimeOffset(2104, 2, 29, 0, 0, 0, TimeSpan.Zero), times.Next(new DateTimeOffset(2096, 2, 29, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal(new DateTimeOffset(1896, 2, 29, 0, 0, 0, TimeSpan.Zero), times.Previous(new DateTimeOffset(1904, 2, 29, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void The_rarest_date_is_forty_years_away()
    {
        var times = new ScheduleTimes(CronExpression.Parse("0 0 29 2 mon", CronDialect.Autogpt), DateTimeZone.Utc);
        Assert.Equal(new DateTimeOffset(2112, 2, 29, 0, 0, 0, TimeSpan.Zero), times.Next(new DateTimeOffset(2072, 2, 29, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal(new DateTimeOffset(2072, 2, 29, 0, 0, 0, TimeSpan.Zero), times.Previous(new DateTimeOffset(2112, 2, 29, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void A_search_for_what_is_always_missing_ends_without_a_result()
    {
        // An interval inside of an hour that this zone leaves out every day of the year on which it could be.
        var zone = new SkippingZone(2000, 2200);
        var times = new ScheduleTimes(CronExpression.Parse("30 2-3/1 1 6 *", CronDialect.Standard), zone);
        Assert.Null(times.Next(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.Null(times.Previous(new DateTimeOffset(2126, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/London")]
    [InlineData("Pacific/Apia")]
    public void At_the_ends_of_time_there_is_nothing_more(string zone)
    {
        var times = Times("* * * * *", zone);
        Assert.Null(times.Next(DateTimeOffset.MaxValue));
        Assert.Null(times.Previous(DateTimeOffset.MinValue));
        Assert.True(times.Next(DateTimeOffset.MinValue) < new DateTimeOffset(1, 1, 5, 0, 0, 0, TimeSpan.Zero));
        Assert.True(times.Previous(DateTimeOffset.MaxValue) > new DateTimeOffset(9998, 12, 27, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Where_an_offset_has_seconds_local_minutes_begin_at_seconds_of_utc() => // Monrovia was 44 minutes and 30 seconds behind until 1972.
        Assert.Equal(new DateTimeOffset(1960, 1, 1, 9, 44, 30, TimeSpan.Zero), Times("0 9 * * *", "Africa/Monrovia").Next(new DateTimeOffset(1960, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void A_change_of_the_rules_of_a_zone_moves_what_is_due_after_it()
    {
        var expression = CronExpression.Parse("0 9 * * *", CronDialect.Standard);
        var change = Instant.FromUtc(2026, 6, 1, 0, 0);
        var before = new ScheduleTimes(expression, new TimeZones(new OneZone(new ChangingZone("Test/Zone", change, Offset.Zero, Offset.Zero))).Find("Test/Zone"));
        var after = new ScheduleTimes(expression, new TimeZones(new OneZone(new ChangingZone("Test/Zone", change, Offset.Zero, Offset.FromHours(1)))).Find("Test/Zone"));
        var may = new DateTimeOffset(2026, 5, 31, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(before.Next(may), after.Next(may));
        Assert.Equal(before.Next(may.AddDays(1))!.Value.AddHours(-1), after.Next(may.AddDays(1)));
    }

    [Fact]
    public void Several_threads_may_ask_at_once()
    {
        var times = Times("0 9 1 * *", "Europe/London");
        var answers = Enumerable.Range(0, 200).AsParallel().Select(_ => times.Next(Start)).Distinct().ToList();
        Assert.Equal([new DateTimeOffset(2026, 4, 1, 8, 0, 0, TimeSpan.Zero)], answers);
    }

    private static ScheduleTimes Times(string expression, string zone) => new(CronExpression.Parse(expression, CronDialect.Standard), DateTimeZoneProviders.Tzdb[zone]);

    /// <summary>A zone with one change of its offset.</summary>
    private sealed class ChangingZone(string id, Instant change, Offset early, Offset late) : DateTimeZone(id, isFixed: false, Offset.Min(early, late), Offset.Max(early, late))
    {
        public override ZoneInterval GetZoneInterval(Instant instant) =>
            instant < change ? new ZoneInterval("early", null, change, early, Offset.Zero) : new ZoneInterval("late", change, null, late, Offset.Zero);
    }

    /// <summary>A zone that leaves out 02:00 to 04:00 on 1 June of some years, and goes back on 1 December.</summary>
    private sealed class SkippingZone(int firstYear, int lastYear) : DateTimeZone("Test/Skipping", isFixed: false, Offset.Zero, Offset.FromHours(2))
    {
        public override ZoneInterval GetZoneInterval(Instant instant)
        {
            var year = instant.InUtc().Year;
            if (year < firstYear || instant < June(firstYear)) return new ZoneInterval("standard", null, June(firstYear), Offset.Zero, Offset.Zero);
            if (year > lastYear || instant >= December(lastYear)) return new ZoneInterval("standard", December(lastYear), null, Offset.Zero, Offset.Zero);
            if (instant < June(year)) return new ZoneInterval("standard", December(year - 1), June(year), Offset.Zero, Offset.Zero);
            return instant < December(year)
                ? new ZoneInterval("summer", June(year), December(year), Offset.FromHours(2), Offset.Zero)
                : new ZoneInterval("standard", December(year), June(year + 1), Offset.Zero, Offset.Zero);
        }

        private static Instant June(int year) => Instant.FromUtc(year, 6, 1, 2, 0);

        private static Instant December(int year) => Instant.FromUtc(year, 12, 1, 2, 0);
    }

    /// <summary>A data base with one zone.</summary>
    private sealed class OneZone(DateTimeZone zone) : IDateTimeZoneProvider
    {
        public string VersionId => "test";

        public System.Collections.ObjectModel.ReadOnlyCollection<string> Ids { get; } = new([zone.Id]);

        public DateTimeZone this[string id] => GetZoneOrNull(id) ?? throw new DateTimeZoneNotFoundException(id);

        public DateTimeZone GetSystemDefault() => zone;

        public DateTimeZone? GetZoneOrNull(string id) => id == zone.Id ? zone : null;
    }
}
