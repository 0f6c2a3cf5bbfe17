using Grainflow.Engine.Monitoring;

namespace Grainflow.Engine.Tests.Monitoring;

/// <summary>The rules of semantics 9.1.</summary>
public sealed class LateExecutionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(300);
    private int _last;

    [Fact]
    public void Unstarted_means_queued_for_longer_than_the_threshold() => Assert.Equal(Now.AddSeconds(-300), LateExecutions.UnstartedBefore(Now, Threshold));

    [Fact]
    public void Stuck_means_running_a_day_after_it_was_created() => Assert.Equal(Now.AddHours(-24), LateExecutions.StuckBefore(Now));

    [Fact]
    public void None_late_gives_a_text_and_no_alert()
    {
        var report = LateExecutions.Report([], Threshold);
        Assert.Equal(("No late executions detected.", null), (report.Text, report.Alert));
        Assert.Empty(report.New);
    }

    [Fact]
    public void What_was_reported_before_is_no_alert_and_stays_in_the_text_until_it_is_resolved()
    {
        var report = LateExecutions.Report([Queued() with { IsReported = true }, Running() with { IsReported = true }], Threshold);
        Assert.Equal(("No new late executions; 2 reported before are still late.", null), (report.Text, report.Alert));
    }

    [Fact]
    public void The_alert_has_the_counts_and_the_number_of_users_of_all_that_are_late()
    {
        var report = LateExecutions.Report([Queued("a"), Queued("a"), Running("b"), Running("c") with { IsReported = true }], Threshold);

        Assert.Equal("4 late executions of 3 users: 2 QUEUED for more than 300 s, 2 RUNNING for more than 24 h; 3 are new.", report.Alert!.Title);
        Assert.Equal((AlertTypes.LateExecutions, AlertChannels.Platform, true), (report.Alert.Type, report.Alert.Channel, report.Alert.IsWarning));
        Assert.Equal((4, 2, 2, 3, 3), ((int)report.Alert.Details["total"]!, (int)report.Alert.Details["queued"]!, (int)report.Alert.Details["running"]!, (int)report.Alert.Details["new"]!, (int)report.Alert.Details["users"]!));
        Assert.Equal(3, report.New.Count);
        Assert.Equal(report.Text, report.Alert.Message);
    }

    [Fact]
    public void The_first_five_are_shown_by_start_time_with_those_that_never_started_first()
    {
        var late = new[]
        {
            Running() with { StartedAt = Now.AddHours(-25) }, Running() with { StartedAt = Now.AddHours(-30) }, Running() with { StartedAt = Now.AddHours(-26) }, Running() with { StartedAt = Now.AddHours(-27) },
            Queued() with { CreatedAt = Now.AddHours(-1) }, Queued() with { CreatedAt = Now.AddHours(-2) }, Running() with { StartedAt = Now.AddHours(-40), IsReported = true },
        };

        var report = LateExecutions.Report(late, Threshold);

        Assert.Equal(
            new[] { late[5], late[4], late[1], late[3], late[2] }.Select(execution => execution.Id.ToString()), report.Alert!.Details["executions"]!.AsArray().Select(execution => (string?)execution!["graph_exec_id"]));
        Assert.Contains($"execution {late[5].Id}, graph {late[5].GraphId} version 3, user {late[5].UserId}, QUEUED, created 2026-03-01T10:00:00Z, never started", report.Alert.Message, StringComparison.Ordinal);
        Assert.Contains("started 2026-02-28T06:00:00Z", report.Alert.Message, StringComparison.Ordinal);
        Assert.EndsWith("- and 1 more", report.Alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_the_log_names_no_user()
    {
        var report = LateExecutions.Report([Queued("somebody")], Threshold);
        Assert.DoesNotContain("somebody", report.Alert!.Title, StringComparison.Ordinal);
        Assert.Contains("somebody", report.Alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_that_is_full_may_have_more()
    {
        var report = LateExecutions.Report([.. Enumerable.Range(0, LateExecutions.MostPerStatus).Select(_ => Queued("a")), Running("a")], Threshold);
        Assert.StartsWith("1001 or more late executions of 1 users: 1000 or more QUEUED for more than 300 s, 1 RUNNING", report.Text, StringComparison.Ordinal);
    }

    private LateExecution Queued(string? user = null) => new(Id(), user ?? $"user-{_last}", Id(), 3, "QUEUED", Now.AddMinutes(-10), null, IsReported: false);

    private LateExecution Running(string? user = null) => new(Id(), user ?? $"user-{_last}", Id(), 3, "RUNNING", Now.AddHours(-50), Now.AddHours(-49), IsReported: false);

    private Guid Id() => new(++_last, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
}
