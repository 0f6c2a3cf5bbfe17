using System.Globalization;
using Grainflow.Engine.Scheduling;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Notifications;
using Grainflow.Storage.Scheduling;
using Npgsql;

namespace Grainflow.Storage.Tests.Scheduling;

public class ScheduleStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly ScheduleStore _store = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_schedule_is_found_as_it_was_stored()
    {
        var row = New() with
        {
            AgentName = "agent",
            Description = "what for",
            Message = "hello",
            Credentials = Text.Json("""{"openai":{"id":"x"}}"""),
            Inputs = Text.Json("""{"a":1.0}"""),
            Policy = new SchedulePolicy
            {
                Overlap = ScheduleOverlap.CancelOther,
                CatchUp = TimeSpan.FromDays(3),
                Jitter = TimeSpan.FromSeconds(90),
                PauseAfterFailures = 7,
                Repeated = RepeatedTimes.Both,
                Window = new ScheduleWindow(new HashSet<DayOfWeek> { DayOfWeek.Monday, DayOfWeek.Saturday }, new TimeOnly(9, 0), new TimeOnly(17, 30)),
            },
            DisabledReason = "why",
            Origin = ScheduleOrigin.Scheduler,
            OriginKey = "mine",
            LastRunAt = Now.AddDays(-1),
        };
        Assert.True(await InsertAsync(row));

        var found = (await _store.FindAsync(row.Id, Token))!;

        Assert.Equal(Text.Of(row.Inputs), Text.Of(found.Inputs));
        Assert.Equal(Text.Of(row.Credentials), Text.Of(found.Credentials));
        Assert.Equivalent(row.Policy, found.Policy, strict: true);
        Assert.Equal(row, found with { Inputs = row.Inputs, Credentials = row.Credentials, Policy = row.Policy });
        Assert.Equal([row.Id], (await _store.ListAsync(new ScheduleFilter(row.UserId, row.GraphId, ScheduleOrigin.Scheduler, "mine"), Token)).Select(schedule => schedule.Id));
        Assert.Null(await _store.FindAsync(fixture.NextId(), Token));
    }

    [Fact]
    public async Task The_runs_of_schedules_of_an_interface_are_found()
    {
        var (trigger, other) = (New() with { Origin = ScheduleOrigin.Scheduler, OriginKey = "mine" }, New());
        var firings = new List<FiringRow>();
        foreach (var row in new[] { trigger, other })
        {
            Assert.True(await InsertAsync(row));
            firings.Add(Pending(row));
            await _store.InsertFiringsAsync([firings[^1]], Token);
        }

        Assert.Equal([firings[0].Id], await _store.StartedFromAsync(ScheduleOrigin.Scheduler, [.. firings.Select(firing => firing.Id), fixture.NextId()], Token));
        Assert.Empty(await _store.StartedFromAsync(ScheduleOrigin.Scheduler, [], Token));
    }

    [Fact]
    public async Task The_same_id_and_the_same_key_of_a_user_are_stored_once()
    {
        var row = New() with { OriginKey = "key" };
        Assert.True(await InsertAsync(row));

        Assert.False(await InsertAsync(row with { OriginKey = null }));
        Assert.False(await InsertAsync(New() with { UserId = row.UserId, OriginKey = "key" }));
        Assert.True(await InsertAsync(New() with { UserId = row.UserId, OriginKey = "key", Origin = ScheduleOrigin.Agents }));
        Assert.True(await InsertAsync(New() with { OriginKey = "key" }));
    }

    [Fact]
    public async Task A_change_that_was_based_on_an_old_row_is_refused()
    {
        var row = New();
        await InsertAsync(row);

        Assert.True(await _store.UpdateAsync(row with { Name = "second" }, notification: null, Token));
        Assert.False(await _store.UpdateAsync(row with { Name = "third" }, notification: null, Token));

        Assert.Equal(("second", 2), ((await _store.FindAsync(row.Id, Token))!.Name, (await _store.FindAsync(row.Id, Token))!.Revision));
    }

    [Fact]
    public async Task Disabled_schedules_are_listed_only_when_asked_for_and_are_never_due()
    {
        var (enabled, disabled) = (New(), New());
        disabled = disabled with { UserId = enabled.UserId, Enabled = false, NextAt = null, DueAt = null };
        await InsertAsync(enabled);
        await InsertAsync(disabled);

        Assert.Equal([enabled.Id], (await _store.ListAsync(new ScheduleFilter(enabled.UserId), Token)).Select(row => row.Id));
        Assert.Equal(2, (await _store.ListAsync(new ScheduleFilter(enabled.UserId, IncludeDisabled: true), Token)).Count);
        Assert.DoesNotContain(disabled.Id, await DueAsync(disabled));
    }

    [Fact]
    public async Task A_shard_is_due_when_its_first_schedule_is()
    {
        var row = New() with { DueAt = Now.AddYears(-10), NextAt = Now.AddYears(-10) };
        await InsertAsync(row);

        Assert.Equal(Now.AddYears(-10), (await _store.DueShardsAsync(Token)).Single(shard => shard.Shard == ShardOf(row.Id)).At);
        Assert.Empty(await _store.DueAsync(ShardOf(row.Id), Now.AddYears(-10).AddTicks(-10), 10, Token));
        Assert.Equal(row.Id, Assert.Single(await _store.DueAsync(ShardOf(row.Id), Now.AddYears(-10), 1, Token)).Schedule.Id);
        await _store.DeleteAsync(row.Id, Token);
    }

    [Fact]
    public async Task Of_two_tickers_that_read_the_same_schedules_one_claims_each_Crash()
    {
        var rows = Enumerable.Range(0, 200).Select(_ => New()).ToList();
        foreach (var row in rows) await InsertAsync(row);
        var claims = rows.ConvertAll(row => Claim(row));
        var firings = rows.ConvertAll(row => Pending(row));

        // The second one has the same rows in another order.
        var written = await Task.WhenAll(_store.ClaimAsync(claims, firings, Token), _store.ClaimAsync([.. Enumerable.Reverse(claims)], firings, Token));

        Assert.Equal(200, written.Sum(ids => ids.Count));
        Assert.Equal(200, written.SelectMany(ids => ids).Distinct().Count());
        Assert.Empty(await _store.ClaimAsync(claims, firings, Token));
        foreach (var row in rows) Assert.Equal(2, (await _store.FindAsync(row.Id, Token))!.Revision);
        Assert.Equal(200, await fixture.Source.ScalarAsync("SELECT count(*) FROM schedule_firings WHERE schedule_id = ANY ($1)", rows.Select(row => row.Id).ToArray()));
    }

    [Fact]
    public async Task A_schedule_that_was_changed_since_it_was_read_is_not_claimed()
    {
        var row = New();
        await InsertAsync(row);
        await _store.UpdateAsync(row with { Name = "other" }, notification: null, Token);

        Assert.Empty(await _store.ClaimAsync([Claim(row)], [Pending(row)], Token));

        Assert.Equal(row.NextAt, (await _store.FindAsync(row.Id, Token))!.NextAt);
        Assert.Empty(await HistoryAsync(row));
    }

    [Fact]
    public async Task An_occurrence_that_was_claimed_before_is_not_claimed_again_although_the_schedule_moves_on()
    {
        var row = New();
        await InsertAsync(row);
        Assert.Single(await _store.ClaimAsync([Claim(row)], [Pending(row)], Token));
        // As after a change of the times back to what they were.
        Assert.True(await _store.UpdateAsync(row with { Revision = 2 }, notification: null, Token));

        Assert.Empty(await _store.ClaimAsync([Claim(row) with { Revision = 3 }], [Pending(row)], Token));

        Assert.Equal(Claim(row).NextAt, (await _store.FindAsync(row.Id, Token))!.NextAt);
        Assert.Single(await HistoryAsync(row));
    }

    [Fact]
    public async Task What_has_become_of_a_firing_follows_from_its_run()
    {
        var row = New();
        await InsertAsync(row);
        var statuses = new[] { "QUEUED", "RUNNING", "REVIEW", "COMPLETED", "FAILED", "TERMINATED" };
        foreach (var (status, i) in statuses.Select((status, i) => (status, i)))
        {
            var firing = Pending(row, Now.AddMinutes(i)) with { State = FiringState.Started, StartedAt = Now };
            await _store.InsertFiringsAsync([firing], Token);
            await CreateRunAsync(row, firing.Id, status, error: status == "FAILED" ? "it broke" : null);
        }

        await _store.InsertFiringsAsync([Pending(row, Now.AddMinutes(6)), Skipped(row, 41)], Token);

        var history = await HistoryAsync(row);
        Assert.Equal(
            ["skipped", "pending", "failed", "failed", "success", "running", "running", "pending"],
            history.OrderByDescending(record => record.Firing.Occurrence).Select(record => record.Status));
        Assert.Equal("it broke", history.Single(record => record.Error is not null && record.Status == "failed").Error);
        Assert.Equal(2000, history.Single(record => record.Status == "success").DurationMilliseconds);
        Assert.Equal(2, (await _store.HistoryAsync(new FiringFilter(row.UserId, [row.Id], Status: "running"), Token)).Count);
        var statistics = await _store.StatisticsAsync(new FiringFilter(row.UserId, [row.Id]), Token);
        Assert.Equal((48, 1, 2, 41, 21), (statistics.Total, statistics.Successful, statistics.Failed, statistics.Skipped, statistics.Cost));
        Assert.Equal(2.1, statistics.SuccessRate);
        Assert.Equal(0, (await _store.StatisticsAsync(new FiringFilter("nobody"), Token)).SuccessRate);
    }

    [Fact]
    public async Task A_run_counts_although_its_start_was_given_up_because_its_answer_was_lost()
    {
        var row = New();
        await InsertAsync(row);
        var (stored, lost) = (Pending(row) with { State = FiringState.Failed, Reason = "its run could not be stored", WakeAt = null }, Pending(row, Now.AddDays(1)));
        await _store.InsertFiringsAsync([stored, lost with { State = FiringState.Failed, Reason = "its run could not be stored", WakeAt = null }], Token);
        await CreateRunAsync(row, stored.Id, "COMPLETED");

        Assert.Equal(
            [("success", null), ("failed", "its run could not be stored")],
            (await HistoryAsync(row)).OrderBy(record => record.Firing.Occurrence).Select(record => (record.Status, record.Error)));
    }

    [Fact]
    public async Task The_rule_is_told_of_unfinished_runs_failures_and_what_waits()
    {
        var row = New() with { Policy = new SchedulePolicy { Overlap = ScheduleOverlap.BufferOne, PauseAfterFailures = 3 } };
        await InsertAsync(row);
        Guid? running = null;
        foreach (var (status, i) in new[] { "FAILED", "COMPLETED", "FAILED", "TERMINATED", "RUNNING" }.Select((status, i) => (status, i)))
        {
            var firing = Pending(row, Now.AddMinutes(i)) with { State = FiringState.Started, CreatedAt = Now.AddMinutes(i), WakeAt = null };
            await _store.InsertFiringsAsync([firing], Token);
            await CreateRunAsync(row, firing.Id, status);
            if (status == "RUNNING") running = firing.Id;
        }

        await _store.InsertFiringsAsync([Pending(row, Now.AddMinutes(9)) with { State = FiringState.Buffered }], Token);

        var due = (await _store.DueAsync(ShardOf(row.Id), Now.AddYears(1), 1000, Token)).Single(item => item.Schedule.Id == row.Id);
        Assert.Equal([running!.Value], due.UnfinishedRuns);
        Assert.Equal((true, 2, 1), (due.HasBuffered, due.FailuresInRow, due.UnfinishedOfGraph));
        var waiting = (await _store.WaitingAsync(ShardOf(row.Id), Now.AddYears(1), 1000, Token)).Single(item => item.Schedule.Id == row.Id);
        Assert.Equal((FiringState.Buffered, running.Value), (waiting.Firing.State, Assert.Single(waiting.OtherRuns)));
    }

    [Fact]
    public async Task A_row_that_was_started_is_not_changed_by_a_later_report()
    {
        var row = New();
        await InsertAsync(row);
        var firing = Pending(row);
        await _store.InsertFiringsAsync([firing], Token);

        await _store.UpdateFiringsAsync([firing with { State = FiringState.Started, StartedAt = Now, WakeAt = null }], Token);
        await _store.UpdateFiringsAsync([firing with { State = FiringState.Failed, Reason = "late", WakeAt = null }], Token);

        var found = Assert.Single(await HistoryAsync(row)).Firing;
        Assert.Equal((FiringState.Started, null), (found.State, found.Reason));
        Assert.DoesNotContain((await _store.WaitingAsync(ShardOf(row.Id), Now.AddYears(1), 1000, Token)), item => item.Firing.Id == firing.Id);
    }

    [Fact]
    public async Task A_schedule_is_deleted_with_its_history_and_nothing_is_written_for_it_any_more()
    {
        var (row, other) = (New(), New());
        foreach (var schedule in new[] { row, other })
        {
            await InsertAsync(schedule);
            await _store.InsertFiringsAsync([Pending(schedule)], Token);
        }

        Assert.True(await _store.DeleteAsync(row.Id, Token));
        Assert.False(await _store.DeleteAsync(row.Id, Token));

        Assert.Empty(await _store.InsertFiringsAsync([Pending(row, Now.AddDays(1))], Token));
        Assert.Empty(await HistoryAsync(row));
        Assert.Single(await HistoryAsync(other));
        Assert.NotNull(await _store.DeleteOfGraphAsync(other.UserId, other.GraphId, deleted => Event(deleted[0]), Token));
        Assert.Empty(await HistoryAsync(other));
    }

    [Fact]
    public async Task Schedules_that_are_registered_at_the_same_time_are_stored_together_and_each_is_told_its_own_result()
    {
        var writer = new ScheduleWriter(_store);
        var user = fixture.NextUser();
        var rows = Enumerable.Range(0, 40).Select(i => New() with { UserId = user, OriginKey = i % 4 == 3 ? "taken" : null, GraphVersion = i % 4 == 2 ? 7 : 1 }).ToList();
        Assert.True(await InsertAsync(New() with { UserId = user, OriginKey = "taken" }));

        // One more has the id of the first.
        var stored = await Task.WhenAll(rows.Append(rows[0]).Select(row => writer.InsertAsync(new NewSchedule(row, OfHighestVersion: true))));

        Assert.Equal([.. Enumerable.Range(0, 40).Select(i => i % 4 < 2), false], stored);
        Assert.Equal(21, (await _store.ListAsync(new ScheduleFilter(user, DatabaseFixture.AnyGraph), Token)).Count);
        var broken = New() with { Name = "\0" };
        var (bad, good) = (writer.InsertAsync(new NewSchedule(broken, true)), writer.InsertAsync(new NewSchedule(New(), true)));
        Assert.True(await good);
        await Assert.ThrowsAsync<PostgresException>(() => bad);
    }

    [Fact]
    public async Task Two_processes_that_store_schedules_with_the_same_keys_in_other_orders_do_not_wait_for_each_other_in_a_circle()
    {
        for (var round = 0; round < 30; round++)
        {
            var user = fixture.NextUser();
            var keys = Enumerable.Range(0, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $"key {i}")).ToList();
            // A deadlock would end one of the statements with an error.
            var stored = await Task.WhenAll(new[] { keys, [.. keys.AsEnumerable().Reverse()] }.Select(ordered =>
                _store.InsertAsync([.. ordered.Select(key => new NewSchedule(New() with { UserId = user, OriginKey = key }, OfHighestVersion: false))], Token)));

            Assert.Equal(keys.Count, stored.Sum(ids => ids.Count));
        }
    }

    [Fact]
    public async Task A_schedule_is_stored_for_a_version_of_a_graph_that_is_there_and_for_the_highest_one_if_it_has_to_be()
    {
        var graphs = new GraphStore(fixture.Source);
        var graph = new GraphRow { Id = fixture.NextId(), Version = 1, UserId = fixture.NextUser(), Name = "graph", Document = Text.Json("{}"), CreatedAt = Now };
        await graphs.InsertAsync([graph, graph with { Version = 2 }], Token);
        var (first, second) = (New() with { GraphId = graph.Id }, New() with { GraphId = graph.Id, GraphVersion = 2 });

        Assert.False(await InsertAsync(first with { GraphVersion = 3 }, ofHighestVersion: false));
        Assert.False(await InsertAsync(first));
        Assert.True(await InsertAsync(first, ofHighestVersion: false));
        Assert.True(await InsertAsync(second));

        await graphs.DeleteAsync(graph.Id, graph.UserId, Now, Token);
        Assert.False(await InsertAsync(second with { Id = fixture.NextId() }, ofHighestVersion: false));
    }

    [Fact]
    public async Task The_schedules_of_a_graph_are_deleted_with_the_event_that_tells_of_them()
    {
        var (first, other) = (New(), New());
        var second = New() with { UserId = first.UserId, GraphId = first.GraphId, Name = "second", CreatedAt = first.CreatedAt.AddSeconds(1) };
        foreach (var schedule in new[] { second, first, other }) await InsertAsync(schedule);
        IReadOnlyList<Guid> told = [];

        var written = await _store.DeleteOfGraphAsync(first.UserId, first.GraphId, Tell, Token);

        Assert.Equal([first.Id, second.Id], told);
        Assert.Equal(1, await EventsAsync(first));
        Assert.Equal(first.Id.ToString(), written!.Key);
        Assert.Null(await _store.DeleteOfGraphAsync(first.UserId, first.GraphId, Tell, Token));
        Assert.NotNull(await _store.FindAsync(other.Id, Token));

        NotificationEvent Tell(IReadOnlyList<ScheduleRow> deleted)
        {
            told = [.. deleted.Select(schedule => schedule.Id)];
            return Event(deleted[0]);
        }
    }

    [Fact]
    public async Task Schedules_whose_event_cannot_be_written_are_neither_deleted_nor_changed()
    {
        var row = New();
        await InsertAsync(row);
        var broken = Event(row) with { Channel = "platform" };

        await Assert.ThrowsAsync<ArgumentException>(() => _store.DeleteOfGraphAsync(row.UserId, row.GraphId, _ => broken, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => _store.UpdateAsync(row with { Enabled = false }, broken, Token));

        Assert.True((await _store.FindAsync(row.Id, Token))!.Enabled);
    }

    [Fact]
    public async Task A_change_is_stored_with_its_event_and_neither_is_when_the_row_has_changed()
    {
        var row = New();
        await InsertAsync(row);

        Assert.False(await _store.UpdateAsync(row with { Revision = 7 }, Event(row), Token));
        Assert.Equal(0, await EventsAsync(row));
        Assert.True(await _store.UpdateAsync(row with { Enabled = false }, Event(row), Token));
        Assert.Equal(1, await EventsAsync(row));
    }

    private static NotificationEvent Event(ScheduleRow row) => new() { Key = row.Id.ToString(), Type = "SOME", UserId = row.UserId, Data = Text.Json("{}"), CreatedAt = Now };

    private Task<long> EventsAsync(ScheduleRow row) => fixture.Source.ScalarAsync("SELECT count(*) FROM notification_events WHERE user_id = $1", row.UserId);

    [Fact]
    public async Task Old_and_surplus_history_is_pruned_and_what_waits_stays()
    {
        var row = New();
        await InsertAsync(row);
        var firings = Enumerable.Range(0, 6).Select(i => Pending(row, Now.AddDays(-i)) with { State = FiringState.Failed, CreatedAt = Now.AddDays(-i), WakeAt = i == 5 ? Now : null }).ToList();
        await _store.InsertFiringsAsync(firings, Token);

        await _store.PruneAsync(ShardOf(row.Id), Now.AddDays(-3), perSchedule: 2, Token);

        Assert.Equal([firings[0].Id, firings[1].Id, firings[5].Id], (await HistoryAsync(row)).Select(record => record.Firing.Id));
    }

    [Fact]
    public async Task Schedules_of_other_rules_of_time_zones_are_found_until_they_are_computed_again()
    {
        var row = New() with { ZoneRules = "old" };
        await InsertAsync(row);

        Assert.Contains(await _store.OfOtherRulesAsync(ShardOf(row.Id), "rules", 1000, Token), stale => stale.Id == row.Id);
        await _store.ClaimAsync([Claim(row)], [], Token);

        Assert.DoesNotContain(await _store.OfOtherRulesAsync(ShardOf(row.Id), "rules", 1000, Token), stale => stale.Id == row.Id);
    }

    private async Task<IReadOnlyList<FiringRecord>> HistoryAsync(ScheduleRow row) => await _store.HistoryAsync(new FiringFilter(row.UserId, [row.Id], Limit: 1000), Token);

    private async Task<IReadOnlyList<Guid>> DueAsync(ScheduleRow row) => [.. (await _store.DueAsync(ShardOf(row.Id), Now.AddYears(1), 10_000, Token)).Select(due => due.Schedule.Id)];

    private async Task CreateRunAsync(ScheduleRow row, Guid id, string status, string? error = null)
    {
        var run = new NewRun { Id = id, UserId = row.UserId, GraphId = row.GraphId, GraphVersion = 1, Status = status, Inputs = Text.Json("{}"), Spec = Text.Json("{}"), RootRunId = id, CreatedAt = Now };
        Assert.Equal(RunCreation.Created, await new RunStore(fixture.Source).CreateAsync(run, [], Token));
        await fixture.Source.ExecuteAsync(
            "UPDATE runs SET started_at = $2, ended_at = CASE WHEN status = 'COMPLETED' THEN $2 + interval '2 seconds' END, error = $3 WHERE id = $1", [id, Now, error], Token);
        if (status == "COMPLETED") await fixture.Source.ExecuteAsync("""UPDATE run_head SET stats = '{"cost": 21}' WHERE run_id = $1""", [id], Token);
    }

    private async Task<bool> InsertAsync(ScheduleRow row, bool ofHighestVersion = true) => (await _store.InsertAsync([new NewSchedule(row, ofHighestVersion)], Token)).Contains(row.Id);

    private static int ShardOf(Guid id) => id.ToByteArray(bigEndian: true)[3] & 63;

    private ScheduleRow New() => new()
    {
        Id = fixture.NextId(),
        UserId = fixture.NextUser(),
        GraphId = DatabaseFixture.AnyGraph,
        GraphVersion = 1,
        Name = "schedule",
        Cron = "0 9 * * *",
        Dialect = CronDialect.Standard,
        TimeZone = "UTC",
        Inputs = Text.Json("{}"),
        Credentials = Text.Json("{}"),
        Policy = new SchedulePolicy(),
        Enabled = true,
        Origin = ScheduleOrigin.Platform,
        DecidedTo = Now.AddDays(-1),
        NextAt = Now,
        DueAt = Now,
        ZoneRules = "rules",
        FailuresFrom = Now.AddDays(-1),
        CreatedAt = Now.AddDays(-1),
        UpdatedAt = Now.AddDays(-1),
    };

    private static ScheduleClaim Claim(ScheduleRow row) => new()
    {
        Id = row.Id,
        Revision = row.Revision,
        DecidedTo = Now,
        NextAt = Now.AddDays(1),
        DueAt = Now.AddDays(1),
        ZoneRules = "rules",
        Fired = Now,
    };

    private static FiringRow Pending(ScheduleRow row, DateTimeOffset? occurrence = null) => new()
    {
        Id = ScheduleRule.RunOf(row.Id, occurrence ?? Now),
        ScheduleId = row.Id,
        UserId = row.UserId,
        Occurrence = occurrence ?? Now,
        LastOccurrence = occurrence ?? Now,
        Trigger = FiringTrigger.Schedule,
        State = FiringState.Pending,
        CreatedAt = Now,
        WakeAt = Now.AddSeconds(10),
    };

    private static FiringRow Skipped(ScheduleRow row, int count) => Pending(row, Now.AddHours(1)) with
    {
        State = FiringState.Skipped,
        LastOccurrence = Now.AddHours(2),
        Occurrences = count,
        Reason = "missed",
        WakeAt = null,
    };
}
