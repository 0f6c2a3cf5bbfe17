using Grainflow.Engine.Graphs;
using Grainflow.Engine.Scheduling;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Scheduling;

namespace Grainflow.Grains.Tests.Scheduling;

/// <summary>Schedules as their owners use them (contract: semantics 5.2, 5.3 and 5.5; decisions 13 to 16 and 24).</summary>
public sealed class ScheduleTests
{
    [Fact]
    public async Task A_schedule_runs_its_agent_at_each_of_its_times_and_once()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "*/30 * * * *");
        var run = ScheduleRule.RunOf(id, schedules.Clock.GetUtcNow());

        // A schedule that is created exactly at one of its times starts then.
        Assert.Equal(1, await schedules.TickAsync(id));
        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromMinutes(29)));
        Assert.Equal(1, await schedules.TickAsync(id, TimeSpan.FromMinutes(1)));
        Assert.Equal(0, await schedules.TickAsync(id));

        Assert.Equal("COMPLETED", (await schedules.Grains.EndOfAsync(run)).Status);
        Assert.Equal("COMPLETED", (await schedules.Grains.EndOfAsync(ScheduleRule.RunOf(id, schedules.Clock.GetUtcNow()))).Status);
        Assert.Equal(["12:00 started", "12:30 started"], await schedules.HistoryAsync(id));
        var row = await schedules.RowAsync(id);
        Assert.Equal((schedules.Clock.GetUtcNow(), schedules.Clock.GetUtcNow().AddMinutes(30)), (row.LastRunAt, row.NextAt));
    }

    [Fact]
    public async Task After_an_outage_each_policy_fires_and_skips_exactly_what_it_says()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync();
        var usual = await schedules.CreateAsync(agent, "5,25 * * * *");
        var never = await schedules.CreateAsync(agent, "5,25 * * * *", definition => definition with { CatchUp = TimeSpan.Zero });
        var week = await schedules.CreateAsync(agent, "5,25 * * * *", definition => definition with { CatchUp = TimeSpan.FromDays(7) });

        schedules.Clock.Advance(TimeSpan.FromMinutes(35));
        foreach (var id in new[] { usual, never, week }) await schedules.TickAsync(id);
        schedules.Clock.Advance(TimeSpan.FromHours(3));
        foreach (var id in new[] { usual, never, week }) await schedules.TickAsync(id);
        schedules.Clock.Advance(TimeSpan.FromDays(7));
        foreach (var id in new[] { usual, never, week }) await schedules.TickAsync(id);

        const string Made = "missed; one run makes up for the last of them";
        Assert.Equal([$"12:05 skipped: {Made}", "12:25 started", $"13:05 skipped: {Made}", "15:25 started", $"16:05 skipped: {Made}", "15:25 started"], await schedules.HistoryAsync(usual));
        Assert.Equal(["12:05 skipped: missed by more than 1 minute", "13:05 skipped: missed by more than 1 minute", "16:05 skipped: missed by more than 1 minute"], await schedules.HistoryAsync(never));
        Assert.Equal([$"12:05 skipped: {Made}", "12:25 started", $"13:05 skipped: {Made}", "15:25 started", $"16:05 skipped: {Made}", "15:25 started"], await schedules.HistoryAsync(week));
        Assert.Equal([1, 1, 5, 1, 335, 1], (await schedules.RecordsAsync(usual)).Select(record => record.Firing.Occurrences));
        Assert.Equal([2, 6, 336], (await schedules.RecordsAsync(never)).Select(record => record.Firing.Occurrences));
    }

    [Fact]
    public async Task A_buffered_occurrence_starts_when_the_run_before_it_has_ended()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync("""{"gate": "g"}"""), "* * * * *", definition => definition with { Overlap = "buffer_one" });
        await schedules.TickAsync(id);
        await schedules.Grains.Blocks.Gate("g").ArrivalAsync();

        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromMinutes(1)));
        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromMinutes(1)));
        schedules.Grains.Blocks.Gate("g").Open();
        await schedules.Grains.EndOfAsync((await schedules.RecordsAsync(id))[0].Firing.Id);
        // The end of the run wakes the shard as well.
        await schedules.TickAsync(id, TimeSpan.FromSeconds(10));

        Assert.Equal("COMPLETED", (await schedules.Grains.EndOfAsync((await schedules.RecordsAsync(id))[1].Firing.Id)).Status);
        Assert.Equal(["12:00 started", "12:01 started", "12:02 skipped: the run before has not ended, and another one waits for it"], await schedules.HistoryAsync(id));
    }

    [Fact]
    public async Task Overlapping_runs_are_skipped_or_the_older_one_is_stopped()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync("""{"gate": "g"}""");
        var skips = await schedules.CreateAsync(agent, "* * * * *", definition => definition with { Overlap = "skip" });
        var cancels = await schedules.CreateAsync(agent, "* * * * *", definition => definition with { Overlap = "cancel_other" });
        foreach (var id in new[] { skips, cancels }) await schedules.TickAsync(id);
        for (var i = 0; i < 2; i++) await schedules.Grains.Blocks.Gate("g").ArrivalAsync();

        schedules.Clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var id in new[] { skips, cancels }) await schedules.TickAsync(id);

        Assert.Equal("TERMINATED", (await schedules.Grains.EndOfAsync((await schedules.RecordsAsync(cancels))[0].Firing.Id)).Status);
        Assert.Equal(["12:00 started", "12:01 started"], await schedules.HistoryAsync(cancels));
        Assert.Equal(["12:00 started", "12:01 skipped: the run before has not ended"], await schedules.HistoryAsync(skips));
        schedules.Grains.Blocks.Gate("g").Open();
    }

    [Fact]
    public async Task A_new_schedule_has_the_version_that_the_database_has_also_when_another_process_has_stored_or_deleted_it()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var graphs = new GraphStore(new Database(schedules.Grains.Database.DataSource));
        var agent = await schedules.AgentAsync();
        Assert.Equal(1, (await schedules.RowAsync(await schedules.CreateAsync(agent, "0 9 * * *"))).GraphVersion);

        var stored = (await graphs.FindAsync(Guid.Parse(agent.Id), null, CancellationToken.None))!;
        await graphs.InsertAsync([stored with { Version = 2, Document = GraphDocument.Write(agent with { Version = 2 }) }], CancellationToken.None);
        Assert.Equal(2, (await schedules.RowAsync(await schedules.CreateAsync(agent, "0 9 * * *"))).GraphVersion);
        Assert.Equal(1, (await schedules.RowAsync(await schedules.CreateAsync(agent, "0 9 * * *", definition => definition with { GraphVersion = 1 }))).GraphVersion);

        await graphs.DeleteAsync(stored.Id, stored.UserId, stored.CreatedAt, CancellationToken.None);
        foreach (int? version in new int?[] { null, 2, 1 })
        {
            var id = schedules.Grains.Ids.NewId();
            var answer = await schedules.Grain(id).Create(GrainCluster.User, new ScheduleDefinition { GraphId = stored.Id, GraphVersion = version, Name = "schedule", Cron = "0 9 * * *", Dialect = "standard" });
            Assert.Equal(ScheduleVerdict.GraphNotFound, answer.Verdict);
            Assert.Null(await schedules.Store.FindAsync(id, CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_schedule_whose_graph_is_gone_is_deleted_with_all_others_of_that_graph()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var (agent, other) = (await schedules.AgentAsync(), await schedules.AgentAsync());
        var ids = new[] { await schedules.CreateAsync(agent, "* * * * *"), await schedules.CreateAsync(agent, "0 9 * * *"), await schedules.CreateAsync(other, "* * * * *") };
        await schedules.Grains.Grains.GetGrain<Interfaces.Graphs.IGraphGrain>(Guid.Parse(agent.Id)).Delete(GrainCluster.User);

        Assert.Equal(0, await schedules.TickAsync(ids[0]));

        Assert.Equal([ids[2]], (await schedules.Store.ListAsync(new ScheduleFilter(GrainCluster.User, IncludeDisabled: true), TestContext.Current.CancellationToken)).Select(row => row.Id));
        var (type, user, data) = Assert.Single(await schedules.EventsAsync());
        Assert.Equal(("SCHEDULES_REMOVED", GrainCluster.User, agent.Id, $"Graph #{agent.Id} version 1 not found."), (type, user, data.GetProperty("graph_id").GetString(), data.GetProperty("reason").GetString()));
        Assert.Equal([(ids[0], "schedule"), (ids[1], "schedule")], data.GetProperty("schedules").EnumerateArray().Select(row => (row.GetProperty("schedule_id").GetGuid(), row.GetProperty("schedule_name").GetString()!)));

        Assert.Equal(0, await schedules.TickAsync(ids[0], TimeSpan.FromMinutes(1)));
        Assert.Single(await schedules.EventsAsync());
    }

    [Fact]
    public async Task A_schedule_whose_agent_refuses_its_inputs_is_disabled_and_says_why()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = schedules.Grains.NewAgent().NumberInput("n").Build();
        await schedules.Grains.StoreAsync(agent);
        var id = await schedules.CreateAsync(agent, "* * * * *", definition => definition with { Inputs = Json("""{"n": 1}""") });
        await schedules.SqlAsync("""UPDATE schedules SET inputs = ('{"n": ' || repeat('[', 600) || repeat(']', 600) || '}')::json""");

        Assert.Equal(0, await schedules.TickAsync(id));

        var row = await schedules.RowAsync(id);
        Assert.Equal((false, null), (row.Enabled, row.NextAt));
        Assert.Contains("'n'", row.DisabledReason, StringComparison.Ordinal);
        Assert.StartsWith("12:00 failed: ", Assert.Single(await schedules.HistoryAsync(id)), StringComparison.Ordinal);
        var (type, user, data) = Assert.Single(await schedules.EventsAsync());
        Assert.Equal(("SCHEDULE_DISABLED", GrainCluster.User, id, row.DisabledReason), (type, user, data.GetProperty("schedule_id").GetGuid(), data.GetProperty("reason").GetString()));

        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromMinutes(1)));
        Assert.Single(await schedules.EventsAsync());
    }

    [Theory]
    [InlineData("UPDATE schedules SET timezone = 'Mars/Olympus'", "'Mars/Olympus' is not a time zone of the IANA data base")]
    [InlineData("UPDATE schedules SET cron = '61 * * * *'", "minute: 61 is not one of the numbers from 0 to 59.")]
    public async Task A_schedule_whose_times_can_no_longer_be_computed_is_disabled_and_its_owner_is_told_once(string change, string reason)
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "* * * * *");
        await schedules.SqlAsync(change);

        for (var i = 0; i < 2; i++) Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromMinutes(1)));

        Assert.StartsWith(reason, (await schedules.RowAsync(id)).DisabledReason, StringComparison.Ordinal);
        var (type, _, data) = Assert.Single(await schedules.EventsAsync());
        Assert.Equal(("SCHEDULE_DISABLED", id), (type, data.GetProperty("schedule_id").GetGuid()));
    }

    [Fact]
    public async Task A_schedule_that_its_owner_mends_while_an_occurrence_fails_stays_enabled()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = schedules.Grains.NewAgent().NumberInput("n").Build();
        await schedules.Grains.StoreAsync(agent);
        var id = await schedules.CreateAsync(agent, "* * * * *", definition => definition with { Inputs = Json("""{"n": 1}""") });
        await schedules.SqlAsync("""UPDATE schedules SET inputs = ('{"n": ' || repeat('[', 600) || repeat(']', 600) || '}')::json""");
        schedules.Clock.Advance(TimeSpan.FromSeconds(1));
        using var mended = new ManualResetEventSlim();
        Task<ScheduleAnswer>? mending = null;
        schedules.OnStore = (name, after) =>
        {
            // Between the claim of the occurrence and the plan of its run.
            if (name != "IScheduleStore.ClaimAsync" || !after || mending is not null) return;
            // Not on the scheduler of the shard, whose thread waits here.
            mending = Task.Run(MendAsync);
            Assert.True(mended.Wait(GrainCluster.Patience));
        };

        Assert.Equal(0, await schedules.TickAsync(id));

        Assert.Equal(ScheduleVerdict.Done, (await mending!).Verdict);
        Assert.True((await schedules.RowAsync(id)).Enabled);
        Assert.Empty(await schedules.EventsAsync());
        Assert.Equal(1, await schedules.TickAsync(id, TimeSpan.FromMinutes(1)));

        async Task<ScheduleAnswer> MendAsync()
        {
            var answer = await schedules.Grain(id).Update(GrainCluster.User, new ScheduleDefinition { Inputs = Json("""{"n": 2}""") });
            mended.Set();
            return answer;
        }
    }

    [Theory]
    [InlineData(9, 0)]
    [InlineData(11, 1)]
    public async Task A_start_that_takes_longer_than_ten_seconds_is_told_to_the_operator(int seconds, int warnings)
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "* * * * *");
        schedules.OnStore = (name, after) =>
        {
            if (name == "IScheduleStore.UpdateFiringsAsync" && !after) schedules.Clock.Advance(TimeSpan.FromSeconds(seconds));
        };

        Assert.Equal(1, await schedules.TickAsync(id));

        Assert.Equal(warnings, schedules.Grains.Log.Count($"It took {seconds} s to start 1 runs of schedules; one of them is of schedule {id}."));
    }

    [Fact]
    public async Task A_start_that_fails_for_the_platforms_reasons_is_tried_three_times()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "0 * * * *");
        var failures = 2;
        schedules.Grains.Faults.OnCreating = _ => Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("the database is away") : Task.CompletedTask;

        Assert.Equal(0, await schedules.TickAsync(id));
        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromSeconds(2)));
        Assert.Equal(1, await schedules.TickAsync(id, TimeSpan.FromSeconds(4)));
        Assert.Equal(3, Assert.Single(await schedules.RecordsAsync(id)).Firing.Attempt);

        failures = 3;
        schedules.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(6));
        for (var i = 0; i < 4; i++) Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromSeconds(5)));
        Assert.Equal(["12:00 started", "13:00 failed: its run could not be stored (3 attempts)"], await schedules.HistoryAsync(id));
        Assert.True((await schedules.RowAsync(id)).Enabled);
    }

    [Fact]
    public async Task After_failed_runs_in_a_row_it_is_paused_until_somebody_enables_it()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = schedules.Grains.NewAgent().Node("step", TestBlocks.Step, """{"gate": "g"}""").Build();
        await schedules.Grains.StoreAsync(agent);
        var id = await schedules.CreateAsync(agent, "* * * * *", definition => definition with { PauseAfterFailures = 2 });
        for (var i = 0; i < 2; i++)
        {
            await schedules.TickAsync(id);
            var run = (await schedules.RecordsAsync(id))[^1].Firing.Id;
            await schedules.Grains.Run(run).Stop(GrainCluster.User);
            await schedules.Grains.EndOfAsync(run);
            schedules.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(0, await schedules.TickAsync(id));
        Assert.Equal((false, "paused: 2 runs in a row have failed"), ((await schedules.RowAsync(id)).Enabled, (await schedules.RowAsync(id)).DisabledReason));

        Assert.Equal(ScheduleVerdict.Done, (await schedules.Grain(id).Update(GrainCluster.User, new ScheduleDefinition { Enabled = true })).Verdict);
        Assert.Equal(1, await schedules.TickAsync(id));
        Assert.Null((await schedules.RowAsync(id)).DisabledReason);
        schedules.Grains.Blocks.Gate("g").Open();
    }

    [Fact]
    public async Task A_disabled_schedule_fires_nothing_and_can_be_triggered()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "* * * * *", definition => definition with { Enabled = false });
        var run = schedules.Grains.Ids.NewId();
        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromMinutes(5)));

        Assert.Equal([run], (await schedules.Grain(id).Trigger(GrainCluster.User, run)).Runs);
        Assert.Equal([run], (await schedules.Grain(id).Trigger(GrainCluster.User, run)).Runs);

        Assert.Equal("COMPLETED", (await schedules.Grains.EndOfAsync(run)).Status);
        Assert.Equal(FiringTrigger.Manual, Assert.Single(await schedules.RecordsAsync(id)).Firing.Trigger);
        Assert.Equal((false, null, null), ((await schedules.RowAsync(id)).Enabled, (await schedules.RowAsync(id)).NextAt, (await schedules.RowAsync(id)).LastRunAt));
    }

    [Fact]
    public async Task With_28_unfinished_runs_of_the_agent_a_trigger_is_refused_and_an_occurrence_is_skipped()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync("""{"gate": "g"}""");
        var id = await schedules.CreateAsync(agent, "* * * * *");
        for (var i = 0; i < 28; i++) Assert.Equal(ScheduleVerdict.Done, (await schedules.Grain(id).Trigger(GrainCluster.User, schedules.Grains.Ids.NewId())).Verdict);

        Assert.Equal(ScheduleVerdict.Full, (await schedules.Grain(id).Trigger(GrainCluster.User, schedules.Grains.Ids.NewId())).Verdict);
        Assert.Equal(0, await schedules.TickAsync(id));

        Assert.Contains("12:00 skipped: queue full: 28 runs of this agent have not ended", await schedules.HistoryAsync(id));
        schedules.Grains.Blocks.Gate("g").Open();
    }

    [Fact]
    public async Task Two_shards_that_find_room_for_one_run_at_the_same_moment_start_one()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync("""{"gate": "g"}""");
        var ids = new List<Guid> { await schedules.CreateAsync(agent, "* * * * *") };
        while (ids.Count < 2)
        {
            var id = await schedules.CreateAsync(agent, "* * * * *");
            if (ScheduleStore.ShardOf(id) != ScheduleStore.ShardOf(ids[0])) ids.Add(id);
            else await schedules.Grain(id).Delete(GrainCluster.User);
        }

        for (var i = 0; i < 27; i++) Assert.Equal(ScheduleVerdict.Done, (await schedules.Grain(ids[0]).Trigger(GrainCluster.User, schedules.Grains.Ids.NewId())).Verdict);
        using var both = new Barrier(2);
        schedules.OnStore = (name, after) =>
        {
            // Both have read 27 and claimed their occurrences before one of them stores its run.
            if (name == "IScheduleStore.ClaimAsync" && after) Assert.True(both.SignalAndWait(GrainCluster.Patience));
        };

        var started = await Task.WhenAll(ids.Select(id => schedules.Shard(id).Tick()));

        Assert.Equal(1, started.Sum());
        var firings = new List<string>();
        foreach (var id in ids) firings.AddRange((await schedules.RecordsAsync(id)).Where(record => record.Firing.Trigger == FiringTrigger.Schedule).Select(record => $"{record.Firing.State} {record.Firing.Reason}"));
        Assert.Equal(["Skipped queue full: 28 runs of this agent have not ended", "Started "], firings.Order(StringComparer.Ordinal));
        Assert.Equal(28, (await schedules.Grains.Runs.UnfinishedOfGraphAsync(GrainCluster.User, Guid.Parse(agent.Id), TestContext.Current.CancellationToken)).Count);
        schedules.Grains.Blocks.Gate("g").Open();
    }

    [Fact]
    public async Task A_backfill_starts_each_occurrence_of_a_range_that_has_not_started_and_no_other()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "0 * * * *");
        await schedules.TickAsync(id);
        var now = schedules.Clock.GetUtcNow();

        var first = await schedules.Grain(id).Backfill(GrainCluster.User, now.AddHours(-3), now);
        var again = await schedules.Grain(id).Backfill(GrainCluster.User, now.AddHours(-3), now);

        Assert.Equal((3, 0), (first.Runs.Length, again.Runs.Length));
        Assert.Equal(["09:00 started", "10:00 started", "11:00 started", "12:00 started"], await schedules.HistoryAsync(id));
        Assert.Equal("from", Assert.Single((await schedules.Grain(id).Backfill(GrainCluster.User, now.AddYears(-1), now)).Problems).Field);
        Assert.Equal("to", Assert.Single((await schedules.Grain(id).Backfill(GrainCluster.User, now, now.AddHours(1))).Problems).Field);
        Assert.Equal("to", Assert.Single((await schedules.Grain(id).Backfill(GrainCluster.User, now, now.AddHours(-1))).Problems).Field);
    }

    [Fact]
    public async Task A_schedule_that_is_due_once_runs_once_and_keeps_its_history()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var at = schedules.Clock.GetUtcNow().AddMinutes(10);
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "", definition => definition with { Cron = null, RunAt = at });

        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromMinutes(9)));
        Assert.Equal(1, await schedules.TickAsync(id, TimeSpan.FromMinutes(1)));
        Assert.Equal(0, await schedules.TickAsync(id, TimeSpan.FromDays(1)));

        Assert.Equal((false, ScheduleRule.Done, null), ((await schedules.RowAsync(id)).Enabled, (await schedules.RowAsync(id)).DisabledReason, (await schedules.RowAsync(id)).NextAt));
        Assert.Equal(["12:10 started"], await schedules.HistoryAsync(id));
    }

    [Fact]
    public async Task A_change_of_its_times_counts_from_now_and_leaves_the_rest_as_it_is()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "0 9 * * *", definition => definition with { TimeZone = "America/New_York", Description = "what for" });
        schedules.Clock.Advance(TimeSpan.FromHours(12));

        Assert.Equal(ScheduleVerdict.Done, (await schedules.Grain(id).Update(GrainCluster.User, new ScheduleDefinition { Cron = "30 8 * * *", Name = "other" })).Verdict);

        var row = await schedules.RowAsync(id);
        Assert.Equal(("other", "what for", "America/New_York", "30 8 * * *"), (row.Name, row.Description, row.TimeZone, row.Cron));
        Assert.Equal(new DateTimeOffset(2026, 1, 16, 13, 30, 0, TimeSpan.Zero), row.NextAt);
        Assert.Equal(0, await schedules.TickAsync(id));
    }

    [Theory]
    [InlineData("cron", "* * * *")]
    [InlineData("cron", "0 0 31 2 *")]
    [InlineData("timezone", "PST")]
    [InlineData("name", " ")]
    [InlineData("cron_dialect", "quartz")]
    [InlineData("overlap", "maybe")]
    [InlineData("repeated_times", "never")]
    [InlineData("run_at", "2026-01-15T11:00:00Z")]
    public async Task What_is_wrong_is_refused_by_its_field_and_nothing_is_stored(string field, string value)
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync();
        var definition = new ScheduleDefinition
        {
            GraphId = Guid.Parse(agent.Id),
            Name = field == "name" ? value : "name",
            Cron = field switch { "cron" => value, "run_at" => null, _ => "0 9 * * *" },
            RunAt = field == "run_at" ? DateTimeOffset.Parse(value, System.Globalization.CultureInfo.InvariantCulture) : null,
            TimeZone = field == "timezone" ? value : null,
            Dialect = field == "cron_dialect" ? value : "standard",
            Overlap = field == "overlap" ? value : null,
            RepeatedTimes = field == "repeated_times" ? value : null,
        };

        var answer = await schedules.Grain(schedules.Grains.Ids.NewId()).Create(GrainCluster.User, definition);

        Assert.Equal((ScheduleVerdict.Invalid, field), (answer.Verdict, answer.Problems[0].Field));
        Assert.Empty(await schedules.Store.ListAsync(new ScheduleFilter(GrainCluster.User, IncludeDisabled: true), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Only_its_owner_sees_and_changes_a_schedule()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync();
        var id = await schedules.CreateAsync(agent, "* * * * *");
        var (grain, now) = (schedules.Grain(id), schedules.Clock.GetUtcNow());

        Assert.Equal(ScheduleVerdict.Forbidden, (await grain.Update("other", new ScheduleDefinition { Enabled = false })).Verdict);
        Assert.Equal(ScheduleVerdict.Forbidden, (await grain.Trigger("other", schedules.Grains.Ids.NewId())).Verdict);
        Assert.Equal(ScheduleVerdict.Forbidden, (await grain.Backfill("other", now, now)).Verdict);
        Assert.Equal(ScheduleVerdict.Forbidden, (await grain.Delete("other")).Verdict);
        Assert.Equal(ScheduleVerdict.GraphNotFound, (await schedules.Grain(schedules.Grains.Ids.NewId()).Create("other", new ScheduleDefinition { GraphId = Guid.Parse(agent.Id), Name = "n", Cron = "* * * * *" })).Verdict);
        Assert.Equal(ScheduleVerdict.NotFound, (await schedules.Grain(schedules.Grains.Ids.NewId()).Delete(GrainCluster.User)).Verdict);
        Assert.Equal(ScheduleVerdict.Done, (await grain.Delete(GrainCluster.User)).Verdict);
        Assert.Null(await schedules.Store.FindAsync(id, TestContext.Current.CancellationToken));
    }

    private static JsonPayload Json(string json) => JsonPayload.Wrap(System.Text.Encoding.UTF8.GetBytes(json));
}
