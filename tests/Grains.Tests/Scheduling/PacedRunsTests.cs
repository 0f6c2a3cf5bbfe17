using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Scheduling;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Scheduling;

/// <summary>The limits of runs that triggers of <c>/api/scheduler</c> start, where an operator has set them (decision 24).</summary>
public sealed class PacedRunsTests
{
    [Fact]
    public async Task So_many_runs_of_triggers_go_on_at_a_time_and_all_others_beside_them()
    {
        await using var schedules = await StartAsync(options => options.MaxTriggeredRunsPerUser = 2);
        var agent = await TriggerThreeAsync(schedules);

        // A schedule of the platform itself, and a run by hand, are not held back.
        await TriggerAsync(schedules, agent, origin: null);
        await schedules.Grains.Blocks.Gate("g").ArrivalAsync();
        await schedules.Grains.StartRunAsync(agent);
        await schedules.Grains.Blocks.Gate("g").ArrivalAsync();
        await AssertAsync(schedules, running: 4, queued: 1);

        // What a queue that has lost its memory reads of the rows is the same.
        await schedules.Grains.Running.DeactivateAsync(Queue(schedules));
        await Queue(schedules).Look();
        await AssertAsync(schedules, running: 4, queued: 1);

        schedules.Grains.Blocks.Gate("g").Open();
        foreach (var run in await schedules.Grains.Runs.ActiveOfUserAsync(GrainCluster.User, TestContext.Current.CancellationToken)) Assert.Equal("COMPLETED", (await schedules.Grains.EndOfAsync(run.Id)).Status);
    }

    [Fact]
    public async Task So_many_runs_of_triggers_begin_in_a_second()
    {
        await using var schedules = await StartAsync(options => options.MaxTriggeredStartsPerSecond = 2);
        var agent = await TriggerThreeAsync(schedules);
        await TriggerAsync(schedules, agent, origin: null);
        await schedules.Grains.Blocks.Gate("g").ArrivalAsync();
        await AssertAsync(schedules, running: 3, queued: 1);

        schedules.Clock.Advance(TimeSpan.FromSeconds(1));

        await schedules.Grains.Blocks.Gate("g").ArrivalAsync();
        schedules.Grains.Blocks.Gate("g").Open();
    }

    private static Task<ScheduleCluster> StartAsync(Action<SchedulerOptions> options) => ScheduleCluster.StartAsync(services: services => services.Configure(options));

    /// <summary>Triggers an agent three times and waits until the runs that may begin have come to the gate.</summary>
    private static async Task<Graph> TriggerThreeAsync(ScheduleCluster schedules)
    {
        var agent = await schedules.AgentAsync("""{"gate": "g"}""");
        for (var i = 0; i < 3; i++) await TriggerAsync(schedules, agent, "scheduler");
        for (var i = 0; i < 2; i++) await schedules.Grains.Blocks.Gate("g").ArrivalAsync();
        return agent;
    }

    private static async Task TriggerAsync(ScheduleCluster schedules, Graph agent, string? origin)
    {
        var id = await schedules.CreateAsync(agent, "0 9 * * *", definition => definition with { Origin = origin, OriginKey = origin is null ? null : schedules.Grains.Ids.NewId().ToString() });
        Assert.Single((await schedules.Grain(id).Trigger(GrainCluster.User, schedules.Grains.Ids.NewId())).Runs);
    }

    private static IExecutionQueueGrain Queue(ScheduleCluster schedules) => schedules.Grains.Grains.GetGrain<IExecutionQueueGrain>(GrainCluster.User);

    /// <summary>Waits until as many runs go on and as many are queued, and makes sure that no more have begun.</summary>
    private static async Task AssertAsync(ScheduleCluster schedules, int running, int queued)
    {
        while (true)
        {
            var committed = await schedules.Grains.NextCommitAsync();
            var active = await schedules.Grains.Runs.ActiveOfUserAsync(GrainCluster.User, TestContext.Current.CancellationToken);
            if ((active.Count(run => run.Status == "RUNNING"), active.Count(run => run.Status == "QUEUED")) == (running, queued)) break;
            await committed.WaitAsync(GrainCluster.Patience, TestContext.Current.CancellationToken);
        }

        Assert.Equal(running, schedules.Grains.Blocks.Starts("step"));
    }
}
