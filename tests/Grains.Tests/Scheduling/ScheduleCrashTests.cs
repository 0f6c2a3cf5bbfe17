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

            var run = ScheduleRule.RunOf(id, occurrence);
            Assert.Equal("COMPLETED", (await schedules.Grains.EndOfAsync(run)).Status);
            Assert.Equal(["00:00 started"], await schedules.HistoryAsync(id));
            Assert.Equal(starts, schedules.Grains.Blocks.Starts("step"));
            await schedules.Grain(id).Delete(GrainCluster.User);
        }
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
