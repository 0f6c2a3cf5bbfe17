using Grainflow.WebConsole.Schedules;

namespace Grainflow.WebConsole.Tests;

public sealed class ScheduleDraftTests
{
    [Theory]
    [InlineData("5 * * * *", SchedulePattern.Hourly)]
    [InlineData("30 9 * * *", SchedulePattern.Daily)]
    [InlineData("0 18 * * mon-fri", SchedulePattern.Weekdays)]
    [InlineData("15 7 * * sun", SchedulePattern.Weekly)]
    [InlineData("0 0 31 * *", SchedulePattern.Monthly)]
    [InlineData("*/5 * * * *", SchedulePattern.Expert)]
    [InlineData("61 9 * * *", SchedulePattern.Expert)]
    [InlineData("0 24 * * *", SchedulePattern.Expert)]
    [InlineData("0 9 1 * mon", SchedulePattern.Expert)]
    [InlineData("0 9 1 1 *", SchedulePattern.Expert)]
    public void An_expression_is_read_as_people_say_it_and_written_back_the_same(string cron, SchedulePattern expected)
    {
        var draft = new ScheduleDraft();
        draft.Read(cron);
        Assert.Equal(expected, draft.Pattern);
        Assert.Equal(cron, draft.Expression());
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-01-15", "09:00", "2026-01-15T08:00:00Z")]
    // The clock goes from 02:00 to 03:00: 02:30 is left out and counts from where it goes on.
    [InlineData("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30:00Z")]
    // It goes from 03:00 back to 02:00: of the two 02:30 the first counts.
    [InlineData("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00Z")]
    public void A_time_of_once_is_the_instant_in_its_zone(string zone, string date, string time, string expected)
    {
        var draft = new ScheduleDraft { Pattern = SchedulePattern.Once, Zone = zone, Date = date, Time = time };
        Assert.Equal(expected, draft.Body()["run_at"]);
        Assert.False(draft.Body().ContainsKey("cron"));
    }

    [Theory]
    [InlineData("Nowhere/Land", "2026-01-15", "09:00")]
    [InlineData("UTC", "15.1.2026", "09:00")]
    [InlineData("UTC", "2026-01-15", "nine")]
    public void What_cannot_be_read_is_sent_as_it_was_entered_so_that_the_server_says_why(string zone, string date, string time) =>
        Assert.Equal($"{date}T{time}", new ScheduleDraft { Pattern = SchedulePattern.Once, Zone = zone, Date = date, Time = time }.Body()["run_at"]);

    [Fact]
    public void A_change_has_only_what_differs_also_within_the_policy()
    {
        var before = new ScheduleDraft { Name = "a", HasWindow = true, WindowDays = ["mon"] }.Body();
        var after = new ScheduleDraft { Name = "b", HasWindow = false, JitterSeconds = 7 }.Body();

        var changes = ScheduleDraft.Changes(before, after);

        Assert.Equal(["name", "policy"], changes.Keys.Order(StringComparer.Ordinal));
        var policy = Assert.IsType<IReadOnlyDictionary<string, object?>>(changes["policy"], exactMatch: false);
        Assert.Equal(["jitter_seconds", "window"], policy.Keys.Order(StringComparer.Ordinal));
        Assert.Null(policy["window"]);
        Assert.Empty(ScheduleDraft.Changes(before, before));
    }

    [Fact]
    public void Zones_are_found_by_a_part_of_their_name_with_blanks_for_underscores()
    {
        Assert.Equal("America/New_York", ScheduleDraft.FindZones("new york")[0]);
        Assert.Empty(ScheduleDraft.FindZones("nowhere"));
        Assert.True(ScheduleDraft.IsZone("Asia/Kolkata") && !ScheduleDraft.IsZone("Mars"));
    }

    [Fact]
    public void What_the_server_says_stands_at_the_field_that_it_names()
    {
        var problems = FieldProblems.Read("cron: it has 4 fields; timezone: 'X' is no zone; try another");
        Assert.Equal(("it has 4 fields", "'X' is no zone; try another", null), (problems.Of("cron"), problems.Of("timezone"), problems.Other));
        Assert.Equal("The server is away.", FieldProblems.Read("The server is away.").Other);
    }
}
