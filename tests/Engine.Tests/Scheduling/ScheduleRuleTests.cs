using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Scheduling;
using NodaTime;

namespace Grainflow.Engine.Tests.Scheduling;

/// <summary>What is fired and what is skipped (contract: decisions 14, 15 and 24; semantics 5.3 and 5.5).</summary>
public class ScheduleRuleTests
{
    private static readonly DateTimeOffset Start = At("2026-03-02T00:00:00");

    [Fact]
    public void Nothing_is_due_before_its_time()
    {
        var decision = ScheduleRule.Decide(Every("0 9 * * *"), At("2026-03-02T08:59:59"));

        Assert.Equal((null, Start, At("2026-03-02T09:00:00")), (decision.Fire, decision.DecidedTo, decision.Next));
        Assert.Empty(decision.Skipped);
    }

    [Fact]
    public void An_occurrence_is_fired_at_its_time_and_the_next_one_is_known()
    {
        var decision = ScheduleRule.Decide(Every("0 9 * * *"), At("2026-03-02T09:00:00"));

        Assert.Equal((At("2026-03-02T09:00:00"), At("2026-03-02T09:00:00"), At("2026-03-03T09:00:00")), (decision.Fire, decision.DecidedTo, decision.Next));
        Assert.Empty(decision.Skipped);
    }

    [Theory]
    // An outage of a minute, an hour and a week of a schedule that is due each ten minutes; catch-up window in minutes.
    [InlineData("2026-03-02T00:10:59", 60, "00:10", 0, null)]
    [InlineData("2026-03-02T00:11:00", 60, "00:10", 0, null)]
    [InlineData("2026-03-02T01:05:00", 60, "01:00", 5, "missed; one run makes up for the last of them")]
    [InlineData("2026-03-09T00:05:00", 60, "00:00", 1007, "missed; one run makes up for the last of them")]
    [InlineData("2026-03-02T00:10:59", 0, "00:10", 0, null)]
    [InlineData("2026-03-02T00:11:00", 0, null, 1, "missed by more than 1 minute")]
    [InlineData("2026-03-02T01:05:00", 0, null, 6, "missed by more than 1 minute")]
    [InlineData("2026-03-02T01:05:00", 4, null, 6, "missed by more than 4 minutes")]
    [InlineData("2026-03-09T00:05:00", 5, "00:00", 1007, "missed; one run makes up for the last of them")]
    [InlineData("2026-03-09T00:05:00", 4, null, 1008, "missed by more than 4 minutes")]
    public void After_an_outage_one_run_makes_up_for_the_last_occurrence_within_the_window(string now, int catchUp, string? fired, int skipped, string? reason)
    {
        var schedule = Every("*/10 * * * *") with { Policy = new SchedulePolicy { CatchUp = TimeSpan.FromMinutes(catchUp) } };

        var decision = ScheduleRule.Decide(schedule, At(now));

        Assert.Equal(fired, decision.Fire is { } fire ? fire.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture) : null);
        Assert.Equal(skipped, decision.Skipped.Sum(part => part.Count));
        Assert.Equal(reason, decision.Skipped.SingleOrDefault()?.Reason);
        if (skipped > 0) Assert.Equal(At("2026-03-02T00:10:00"), decision.Skipped[0].First);
    }

    [Fact]
    public void A_daily_schedule_that_was_missed_by_more_than_an_hour_is_skipped_and_one_within_it_runs()
    {
        Assert.Equal(At("2026-03-02T09:00:00"), ScheduleRule.Decide(Every("0 9 * * *"), At("2026-03-02T10:00:00")).Fire);

        var late = ScheduleRule.Decide(Every("0 9 * * *"), At("2026-03-02T10:00:01"));

        Assert.Null(late.Fire);
        Assert.Equal(new SkippedOccurrences(At("2026-03-02T09:00:00"), At("2026-03-02T09:00:00"), 1, "missed by more than 1 hour"), Assert.Single(late.Skipped));
        Assert.Equal(At("2026-03-03T09:00:00"), late.Next);
    }

    [Theory]
    [InlineData(ScheduleOverlap.Allow, 1, false, true, false, false, null)]
    [InlineData(ScheduleOverlap.Skip, 0, false, true, false, false, null)]
    [InlineData(ScheduleOverlap.Skip, 1, false, false, false, false, "the run before has not ended")]
    [InlineData(ScheduleOverlap.BufferOne, 0, false, true, false, false, null)]
    [InlineData(ScheduleOverlap.BufferOne, 1, false, true, true, false, null)]
    [InlineData(ScheduleOverlap.BufferOne, 1, true, false, false, false, "the run before has not ended, and another one waits for it")]
    [InlineData(ScheduleOverlap.CancelOther, 0, false, true, false, false, null)]
    [InlineData(ScheduleOverlap.CancelOther, 2, false, true, false, true, null)]
    public void Overlapping_runs_are_allowed_skipped_buffered_or_cancelled(ScheduleOverlap overlap, int running, bool waiting, bool fires, bool buffered, bool cancels, string? reason)
    {
        var schedule = Every("0 9 * * *") with { Policy = new SchedulePolicy { Overlap = overlap }, UnfinishedRuns = running, HasBuffered = waiting };

        var decision = ScheduleRule.Decide(schedule, At("2026-03-02T09:00:00"));

        Assert.Equal((fires, buffered, cancels, reason), (decision.Fire is not null, decision.Buffered, decision.CancelOthers, decision.Skipped.SingleOrDefault()?.Reason));
        Assert.Equal(At("2026-03-03T09:00:00"), decision.Next);
    }

    [Fact]
    public void With_28_unfinished_runs_of_the_agent_an_occurrence_is_skipped()
    {
        var schedule = Every("0 9 * * *") with { UnfinishedOfGraph = 27 };
        Assert.NotNull(ScheduleRule.Decide(schedule, At("2026-03-02T09:00:00")).Fire);

        var full = ScheduleRule.Decide(schedule with { UnfinishedOfGraph = 28 }, At("2026-03-02T09:00:00"));

        Assert.Equal((null, "queue full: 28 runs of this agent have not ended"), (full.Fire, Assert.Single(full.Skipped).Reason));
    }

    [Fact]
    public void After_n_failures_in_a_row_the_schedule_is_disabled_and_says_why()
    {
        var schedule = Every("0 9 * * *") with { Policy = new SchedulePolicy { PauseAfterFailures = 3 }, FailuresInRow = 2 };
        Assert.Null(ScheduleRule.Decide(schedule, At("2026-03-02T09:00:00")).Disable);

        var paused = ScheduleRule.Decide(schedule with { FailuresInRow = 3 }, At("2026-03-02T09:00:00"));

        Assert.Equal((null, "paused: 3 runs in a row have failed", null), (paused.Fire, paused.Disable, paused.Next));
        Assert.Equal("paused: 3 runs in a row have failed", Assert.Single(paused.Skipped).Reason);
    }

    [Theory]
    // 2 March 2026 is a Monday.
    [InlineData("09:00", "17:00", "1", "2026-03-02T09:00:00", true)]
    [InlineData("09:00", "17:00", "1", "2026-03-02T08:00:00", false)]
    [InlineData("09:00", "17:00", "1", "2026-03-02T17:00:00", false)]
    [InlineData("09:00", "17:00", "2", "2026-03-02T10:00:00", false)]
    [InlineData("09:00", "17:00", "", "2026-03-02T10:00:00", true)]
    [InlineData("22:00", "06:00", "1", "2026-03-02T23:00:00", true)]
    [InlineData("22:00", "06:00", "1", "2026-03-03T05:00:00", true)]
    [InlineData("22:00", "06:00", "1", "2026-03-02T05:00:00", false)]
    public void Outside_of_its_window_an_occurrence_is_skipped(string from, string to, string days, string now, bool fires)
    {
        var window = new ScheduleWindow(
            days.Select(day => (DayOfWeek)(day - '0')).ToHashSet(), TimeOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), TimeOnly.Parse(to, System.Globalization.CultureInfo.InvariantCulture));
        var schedule = Every("0 * * * *") with { Policy = new SchedulePolicy { Window = window }, DecidedTo = At(now).AddTicks(-1) };

        var decision = ScheduleRule.Decide(schedule, At(now));

        Assert.Equal(fires, decision.Fire is not null);
        if (!fires) Assert.Equal("outside execution window", Assert.Single(decision.Skipped).Reason);
    }

    [Fact]
    public void A_schedule_that_is_due_once_fires_once_and_is_over()
    {
        var schedule = Every("0 9 * * *") with { Times = null, RunAt = At("2026-03-02T09:30:00") };
        Assert.Equal((null, At("2026-03-02T09:30:00")), (ScheduleRule.Decide(schedule, At("2026-03-02T09:00:00")).Fire, ScheduleRule.Decide(schedule, At("2026-03-02T09:00:00")).Next));

        var decision = ScheduleRule.Decide(schedule, At("2026-03-02T09:30:00"));
        Assert.Equal((At("2026-03-02T09:30:00"), null, ScheduleRule.Done), (decision.Fire, decision.Next, decision.Disable));

        var missed = ScheduleRule.Decide(schedule, At("2026-03-02T12:00:00"));
        Assert.Equal((null, ScheduleRule.Done, 1), (missed.Fire, missed.Disable, missed.Skipped.Count));
    }

    [Fact]
    public void Jitter_moves_the_start_and_not_the_occurrence_and_is_always_the_same()
    {
        var schedule = Every("0 9 * * *") with { Policy = new SchedulePolicy { Jitter = TimeSpan.FromMinutes(10) } };
        var occurrence = At("2026-03-02T09:00:00");
        var due = ScheduleRule.DueAt(schedule, occurrence);

        Assert.InRange(due, occurrence, occurrence.AddMinutes(10));
        Assert.Equal(due, ScheduleRule.DueAt(schedule, occurrence));
        Assert.Null(ScheduleRule.Decide(schedule, due.AddTicks(-1)).Fire);
        Assert.Equal(occurrence, ScheduleRule.Decide(schedule, due).Fire);
        Assert.True(Enumerable.Range(0, 50).Select(day => ScheduleRule.DueAt(schedule, occurrence.AddDays(day)) - occurrence.AddDays(day)).Distinct().Count() > 40);
    }

    [Fact]
    public void When_the_clock_goes_back_nothing_is_fired_a_second_time()
    {
        var schedule = Every("* * * * *");
        var first = ScheduleRule.Decide(schedule, At("2026-03-02T05:00:00"));

        var back = ScheduleRule.Decide(schedule with { DecidedTo = first.DecidedTo }, At("2026-03-02T03:00:00"));

        Assert.Equal((At("2026-03-02T05:00:00"), null, At("2026-03-02T05:01:00")), (first.Fire, back.Fire, back.Next));
        Assert.Empty(back.Skipped);
    }

    [Fact]
    public void A_changed_rule_of_the_zone_counts_from_what_was_decided_last()
    {
        // Registered when the zone was at +01:00, fired when a new rule has moved it to +02:00.
        var before = Every("0 9 * * *") with { Times = new ScheduleTimes(CronExpression.Parse("0 9 * * *", CronDialect.Standard), DateTimeZone.ForOffset(Offset.FromHours(1))) };
        var after = before with { Times = new ScheduleTimes(CronExpression.Parse("0 9 * * *", CronDialect.Standard), DateTimeZone.ForOffset(Offset.FromHours(2))) };
        Assert.Equal(At("2026-03-02T08:00:00"), ScheduleRule.NextAfter(before, Start));

        var decision = ScheduleRule.Decide(after, At("2026-03-02T07:30:00"));

        Assert.Equal((At("2026-03-02T07:00:00"), At("2026-03-03T07:00:00")), (decision.Fire, decision.Next));
    }

    [Fact]
    public void The_id_of_a_run_follows_from_schedule_and_instant()
    {
        var (one, other) = (new Guid("7b6c6a2e-9f0f-4a54-8d8a-4a3c1c1b0001"), new Guid("7b6c6a2e-9f0f-4a54-8d8a-4a3c1c1b0002"));
        var instant = At("2026-03-02T09:00:00");

        Assert.Equal(ScheduleRule.RunOf(one, instant), ScheduleRule.RunOf(one, instant.ToOffset(TimeSpan.FromHours(5))));
        Assert.Equal(4, new[] { ScheduleRule.RunOf(one, instant), ScheduleRule.RunOf(other, instant), ScheduleRule.RunOf(one, instant.AddMinutes(1)), ScheduleRule.SkipOf(one, instant) }.Distinct().Count());
        Assert.Equal('4', ScheduleRule.RunOf(one, instant).ToString()[14]);
    }

    [Fact]
    public void However_the_ticks_come_each_occurrence_is_fired_or_skipped_once_Property() => Prop.ForAll(
        Gen.Elements("* * * * *", "*/7 * * * *", "0 * * * *", "30 2 * * *", "0 0 29 2 *").ToArbitrary(),
        Gen.Choose(0, 3).ToArbitrary(),
        Gen.Choose(-200, 5000).ArrayOf(20).ToArbitrary(),
        (cron, policy, steps) =>
        {
            var zone = DateTimeZoneProviders.Tzdb["America/New_York"];
            var schedule = Every(cron) with
            {
                Zone = zone,
                Times = new ScheduleTimes(CronExpression.Parse(cron, CronDialect.Standard), zone),
                Policy = new SchedulePolicy
                {
                    CatchUp = TimeSpan.FromMinutes(policy * 40),
                    Jitter = policy == 2 ? TimeSpan.FromMinutes(3) : TimeSpan.Zero,
                    Overlap = policy == 1 ? ScheduleOverlap.Skip : ScheduleOverlap.Allow,
                },
                DecidedTo = At("2026-03-07T00:00:00"),
            };
            var decided = new List<DateTimeOffset>();
            var (from, now) = (schedule.DecidedTo, schedule.DecidedTo);
            foreach (var step in steps)
            {
                now = now.AddMinutes(step);
                var decision = ScheduleRule.Decide(schedule with { UnfinishedRuns = step % 2 == 0 ? 1 : 0 }, now);
                foreach (var skipped in decision.Skipped)
                {
                    var range = schedule.Times!.Between(skipped.First.AddTicks(-1), skipped.Last).ToList();
                    Assert.Equal(skipped.Count, range.Count);
                    decided.AddRange(range);
                }

                if (decision.Fire is { } fire) decided.Add(fire);
                schedule = schedule with { DecidedTo = decision.DecidedTo };
            }

            Assert.Equal(schedule.Times!.Between(from, schedule.DecidedTo), decided);
        }).QuickCheckThrowOnFailure();

    private static DateTimeOffset At(string text) => new(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);

    private static ScheduleFacts Every(string cron) => new()
    {
        Id = new Guid("7b6c6a2e-9f0f-4a54-8d8a-4a3c1c1b0000"),
        Times = new ScheduleTimes(CronExpression.Parse(cron, CronDialect.Standard), DateTimeZone.Utc),
        Zone = DateTimeZone.Utc,
        Policy = new SchedulePolicy(),
        DecidedTo = Start,
    };
}
