using Grainflow.Engine.Scheduling;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Scheduling;

namespace Grainflow.Grains.Tests.Scheduling;

/// <summary>Each occurrence starts one run, whoever dies between which steps (issue: exactly once).</summary>
public sealed class ScheduleCrashTests
{
    [Theory]
    [InlineData("IScheduleStore.DueAsync")]
    [InlineData("IScheduleStore.ClaimAsync")]
    [InlineData("IScheduleStore.UpdateFiringsAsync")]
    public async Task A_process_dies_before_or_after_a_step_and_the_occurrence_starts_once(string step)
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync();
        foreach (var (dyingAfter, starts) in new[] { (false, 1), (true, 2) })
        {
            var id = await schedules.CreateAsync(agent, "0 0 * * *", definition => definition with { CatchUp = TimeSpan.FromDays(1) });
            schedules.Clock.Advance(TimeSpan.FromHours(24));
            var occurrence = new DateTimeOffset(schedules.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
            await DieAsync(schedules, id, step, dyingAfter);

            var run = ScheduleRule.RunOf(id, occurrence);
            Assert.Equal("COMPLETED", (await schedules.Grains.EndOfAsync(run)).Status);
            Assert.Equal(["00:00 started"], await schedules.HistoryAsync(id));
            Assert.Equal(starts, schedules.Grains.Blocks.Starts("step"));
            await schedules.Grain(id).Delete(GrainCluster.User);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_dies_when_it_removes_the_schedules_of_a_graph_that_is_gone_and_their_owner_is_told_once(bool dyingAfter)
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = await schedules.AgentAsync();
        var ids = new[] { await schedules.CreateAsync(agent, "0 12 * * *"), await schedules.CreateAsync(agent, "0 13 * * *") };
        await schedules.Grains.Grains.GetGrain<Interfaces.Graphs.IGraphGrain>(Guid.Parse(agent.Id)).Delete(GrainCluster.User);

        await DieAsync(schedules, ids[0], "IScheduleStore.DeleteOfGraphAsync", dyingAfter);

        Assert.Equal([("SCHEDULES_REMOVED", 2)], (await schedules.EventsAsync()).Select(told => (told.Type, told.Data.GetProperty("schedules").GetArrayLength())));
        Assert.Empty(await schedules.Store.ListAsync(new ScheduleFilter(GrainCluster.User, IncludeDisabled: true), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_dies_when_it_disables_a_schedule_and_its_owner_is_told_once(bool dyingAfter)
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var agent = schedules.Grains.NewAgent().NumberInput("n").Build();
        await schedules.Grains.StoreAsync(agent);
        var id = await schedules.CreateAsync(agent, "0 12 * * *", definition => definition with { Inputs = Interfaces.JsonPayload.Wrap("""{"n": 1}"""u8.ToArray()) });
        await schedules.SqlAsync("""UPDATE schedules SET inputs = ('{"n": ' || repeat('[', 600) || repeat(']', 600) || '}')::json""");

        await DieAsync(schedules, id, "IScheduleStore.UpdateAsync", dyingAfter);

        Assert.Equal([("SCHEDULE_DISABLED", id)], (await schedules.EventsAsync()).Select(told => (told.Type, told.Data.GetProperty("schedule_id").GetGuid())));
        Assert.False((await schedules.RowAsync(id)).Enabled);
        Assert.StartsWith("12:00 failed: ", Assert.Single(await schedules.HistoryAsync(id)), StringComparison.Ordinal);
    }

    /// <summary>Lets the process die at a step of the tick, and another one tick again.</summary>
    private static async Task DieAsync(ScheduleCluster schedules, Guid id, string step, bool dyingAfter)
    {
        var dead = false;
        schedules.OnStore = (name, after) =>
        {
            dead |= name == step && after == dyingAfter;
            if (dead) throw new IOException("The process has died.");
        };
        await Assert.ThrowsAnyAsync<Exception>(() => schedules.TickAsync(id));
        schedules.OnStore = null;
        await schedules.Grains.KillAsync();
        await schedules.Grains.RecoverAsync();
        await schedules.TickAsync(id, TimeSpan.FromSeconds(11));
    }

    [Fact]
    public Task Silos_die_while_many_schedules_are_due_and_each_occurrence_starts_once_Cluster() => KillSilosWhileDueAsync(schedules: 200, kills: 1);

    [Fact(Explicit = true)]
    public Task Silos_die_while_ten_thousand_schedules_are_due_and_each_occurrence_starts_once_Cluster() => KillSilosWhileDueAsync(schedules: 10_000, kills: 2);

    private static async Task KillSilosWhileDueAsync(int schedules, int kills)
    {
        await using var cluster = await ScheduleCluster.StartAsync(silos: 3);
        var ids = new List<Guid>();
        // No more of each agent than may be unfinished at once.
        foreach (var part in Enumerable.Range(0, schedules).Chunk(20))
        {
            var agent = await cluster.AgentAsync();
            ids.AddRange(await Task.WhenAll(part.Select(_ => cluster.CreateAsync(agent, "* * * * *"))));
        }

        var occurrence = cluster.Clock.GetUtcNow();
        var claims = 0;
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.OnStore = (name, after) =>
        {
            if (name == "IScheduleStore.ClaimAsync" && after && Interlocked.Increment(ref claims) == 5) died.TrySetResult();
        };

        var ticking = TickAllAsync(cluster);
        await died.Task.WaitAsync(GrainCluster.Patience, TestContext.Current.CancellationToken);
        for (var i = 0; i < kills; i++) await cluster.Grains.KillSiloAsync(cluster.Grains.SiloNames[^1]);
        await ticking;
        // Whoever was left without a start is started by the next tick after the patience with the one who claimed it.
        for (var i = 0; i < 3; i++)
        {
            cluster.Clock.Advance(TimeSpan.FromSeconds(11));
            await TickAllAsync(cluster);
        }

        var rows = await cluster.Store.HistoryAsync(new FiringFilter(GrainCluster.User, ids, Limit: int.MaxValue), TestContext.Current.CancellationToken);
        Assert.Equal(ids.Select(id => (id, ScheduleRule.RunOf(id, occurrence), FiringState.Started)).Order(), rows.Select(row => (row.Firing.ScheduleId, row.Firing.Id, row.Firing.State)).Order());
    }

    private static async Task TickAllAsync(ScheduleCluster cluster)
    {
        for (var shard = 0; shard < ScheduleStore.Shards; shard++)
        {
            try
            {
                await cluster.Grains.Grains.GetGrain<IScheduleShardGrain>(shard).Tick();
            }
            catch (Exception)
            {
                // The silo of the shard has died; another one has the shard at the next call.
                shard--;
            }
        }
    }
}
