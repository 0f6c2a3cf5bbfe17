using System.Globalization;
using Grainflow.Engine.Onboarding;
using NodaTime;

namespace Grainflow.Engine.Tests.Onboarding;

/// <summary>Counting runs, and the days in a row on which there was one.</summary>
public sealed class RunCountTests
{
    [Theory]
    // The first run, another one on the same day, the day after, and two days after.
    [InlineData("UTC", "2026-03-01T12:00Z", "1 1")]
    [InlineData("UTC", "2026-03-01T00:00Z 2026-03-01T23:59Z", "2 1")]
    [InlineData("UTC", "2026-03-01T23:59Z 2026-03-02T00:00Z", "2 2")]
    [InlineData("UTC", "2026-03-01T12:00Z 2026-03-02T12:00Z 2026-03-04T12:00Z", "3 1")]
    // In UTC the first two pairs are on one day each, and the third on two.
    [InlineData("America/New_York", "2026-03-02T03:00Z 2026-03-02T12:00Z", "2 2")]
    [InlineData("Asia/Kolkata", "2026-03-01T18:29Z 2026-03-01T18:31Z", "2 2")]
    [InlineData("America/New_York", "2026-03-02T05:00Z 2026-03-03T04:59Z", "2 1")]
    // Clocks go forward by an hour.
    [InlineData("Europe/London", "2026-03-28T23:30Z 2026-03-29T22:30Z", "2 2")]
    // A month and a year end.
    [InlineData("UTC", "2026-12-30T12:00Z 2026-12-31T12:00Z 2027-01-01T12:00Z", "3 3")]
    // A clock that goes back changes no day.
    [InlineData("UTC", "2026-03-05T12:00Z 2026-03-01T12:00Z 2026-03-06T12:00Z", "3 2")]
    public void Days_in_a_row_are_days_of_the_users_zone(string zone, string runs, string expected)
    {
        var count = RunCount.None;
        foreach (var at in runs.Split(' ')) count = count.After(1, DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), DateTimeZoneProviders.Tzdb[zone]);

        Assert.Equal(expected, $"{count.Runs} {count.ConsecutiveDays}");
    }

    [Fact]
    public void The_latest_start_is_kept_when_an_earlier_one_is_told_later()
    {
        var late = new DateTimeOffset(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

        var count = RunCount.None.After(2, late, DateTimeZone.Utc).After(3, late.AddDays(-2), DateTimeZone.Utc);

        Assert.Equal(new RunCount(5, late, 1), count);
    }

    [Fact]
    public void The_count_stays_at_the_greatest_number() =>
        Assert.Equal(int.MaxValue, new RunCount(int.MaxValue - 1, null, 0).After(5, DateTimeOffset.UnixEpoch, DateTimeZone.Utc).Runs);

    [Theory]
    [InlineData(9, 2, "")]
    [InlineData(10, 2, "RUN_AGENTS")]
    [InlineData(99, 3, "RUN_AGENTS RUN_3_DAYS")]
    [InlineData(100, 13, "RUN_AGENTS RUN_AGENTS_100 RUN_3_DAYS")]
    [InlineData(1, 14, "RUN_3_DAYS RUN_14_DAYS")]
    public void Milestones_are_reached_by_runs_and_by_days(int runs, int days, string expected) =>
        Assert.Equal(expected, string.Join(' ', new RunCount(runs, DateTimeOffset.UnixEpoch, days).Milestones()));
}
