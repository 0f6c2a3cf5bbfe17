using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

public sealed class QueueTests
{
    /// <summary>Longer than the first pause before a call is made again, and shorter than the other timers of a silo.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(400);

    [Fact]
    public async Task Runs_beyond_the_limit_of_a_graph_wait_in_order_and_start_as_places_become_free()
    {
        await using var cluster = await GrainCluster.StartAsync(Limits(perGraph: 2, perUser: 50));
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        var runs = new List<Guid>();
        for (var i = 0; i < 5; i++) runs.Add(await cluster.StartRunAsync(agent, new { gate = $"g{i}" }));

        await AssertStatusesAsync(cluster, runs, ["RUNNING", "RUNNING", "QUEUED", "QUEUED", "QUEUED"]);
        cluster.Blocks.Gate("g1").Open();
        await cluster.Blocks.Gate("g2").ArrivalAsync();
        await cluster.UntilAsync(runs[2], run => run.Status == "RUNNING", "that has a place");
        await AssertStatusesAsync(cluster, runs, ["RUNNING", "COMPLETED", "RUNNING", "QUEUED", "QUEUED"]);
        cluster.Blocks.Gate("g0").Open();
        await cluster.Blocks.Gate("g3").ArrivalAsync();
        await AssertStatusesAsync(cluster, runs, ["COMPLETED", "COMPLETED", "RUNNING", "RUNNING", "QUEUED"]);
        for (var i = 2; i < 5; i++) cluster.Blocks.Gate($"g{i}").Open();
        foreach (var run in runs) Assert.Equal("COMPLETED", (await cluster.EndOfAsync(run)).Status);
    }

    [Fact]
    public async Task The_limit_of_a_user_holds_over_all_graphs_and_does_not_delay_another_user()
    {
        await using var cluster = await GrainCluster.StartAsync(Limits(perGraph: 25, perUser: 2));
        var (one, two, three, others) = (Gated(cluster), Gated(cluster), Gated(cluster), Gated(cluster));
        foreach (var agent in new[] { one, two, three }) await cluster.StoreAsync(agent);
        await cluster.StoreAsAsync("user-2", others);

        var first = await cluster.StartRunAsync(one, new { gate = "g" });
        var second = await cluster.StartRunAsync(two, new { gate = "g" });
        var third = await cluster.StartRunAsync(three, new { gate = "g" });
        var other = await cluster.StartRunAsync(others, new { gate = "open" }, "user-2");
        cluster.Blocks.Gate("open").Open();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(other)).Status);
        await AssertStatusesAsync(cluster, [first, second, third], ["RUNNING", "RUNNING", "QUEUED"]);
        cluster.Blocks.Gate("g").Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(third)).Status);
    }

    [Fact]
    public async Task A_graph_at_its_limit_does_not_hold_up_the_other_graphs_of_its_user()
    {
        await using var cluster = await GrainCluster.StartAsync(Limits(perGraph: 1, perUser: 50));
        var (busy, free) = (Gated(cluster), Gated(cluster));
        await cluster.StoreAsync(busy);
        await cluster.StoreAsync(free);
        var first = await cluster.StartRunAsync(busy, new { gate = "g" });
        var waiting = await cluster.StartRunAsync(busy, new { gate = "g" });
        cluster.Blocks.Gate("open").Open();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(await cluster.StartRunAsync(free, new { gate = "open" }))).Status);

        await AssertStatusesAsync(cluster, [first, waiting], ["RUNNING", "QUEUED"]);
    }

    [Fact]
    public async Task A_sub_agent_runs_within_the_place_of_its_parent()
    {
        await using var cluster = await GrainCluster.StartAsync(Limits(perGraph: 1, perUser: 1));
        var child = cluster.NewAgent("Child").Node("step", TestBlocks.Step, """{"value": 1}""").Output("result").Link("step.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);

        Assert.Equal(["1"], (await cluster.EndOfAsync(await cluster.StartRunAsync(parent))).Results("result"));
    }

    [Fact]
    public async Task A_run_whose_admission_failed_is_admitted_in_its_order_later()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock, Options = options => options.MaxConcurrentGraphExecutionsPerUser = 1 });
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        cluster.Faults.OnFirstAppend(_ => true, _ => throw new TimeoutException("The database is away."));

        var first = await cluster.StartRunAsync(agent, new { gate = "g0" });
        await clock.WaitForTimerAsync(Soon, TestContext.Current.CancellationToken);
        var before = (await cluster.ViewAsync(first)).Status;
        clock.Advance(Soon);
        var second = await cluster.StartRunAsync(agent, new { gate = "g1" });
        await cluster.UntilAsync(first, run => run.Status == "RUNNING", "that is admitted");

        Assert.Equal("QUEUED", before);
        await AssertStatusesAsync(cluster, [first, second], ["RUNNING", "QUEUED"]);
        cluster.Blocks.Gate("g0").Open();
        cluster.Blocks.Gate("g1").Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(second)).Status);
    }

    [Fact]
    public async Task A_run_whose_admission_failed_is_admitted_after_a_while_without_being_asked()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step).Build();
        await cluster.StoreAsync(agent);
        cluster.Faults.OnFirstAppend(_ => true, _ => throw new TimeoutException("The database is away."));
        var runId = await cluster.StartRunAsync(agent);

        await clock.WaitForTimerAsync(Soon, TestContext.Current.CancellationToken);
        clock.Advance(Soon);

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task Submitting_and_ending_a_run_again_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync(Limits(perGraph: 1, perUser: 1));
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        var first = await cluster.StartRunAsync(agent, new { gate = "g" });
        var second = await cluster.StartRunAsync(agent, new { gate = "g" });
        var queue = cluster.Grains.GetGrain<IExecutionQueueGrain>(GrainCluster.User);

        await queue.Submit(first, Guid.Parse(agent.Id));
        await queue.Submit(second, Guid.Parse(agent.Id));
        await queue.Ended(cluster.Ids.NewId());

        await AssertStatusesAsync(cluster, [first, second], ["RUNNING", "QUEUED"]);
        cluster.Blocks.Gate("g").Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(second)).Status);
        Assert.Equal(2, cluster.Blocks.Starts("waiting"));
    }

    [Fact]
    public async Task Runs_beyond_the_slots_of_a_silo_stay_queued_and_start_as_slots_become_free()
    {
        await using var cluster = await GrainCluster.StartAsync(Slots(2));
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        var runs = new List<Guid>();
        for (var i = 0; i < 4; i++) runs.Add(await cluster.StartRunAsync(agent, new { gate = $"g{i}" }));

        await AssertStatusesAsync(cluster, runs, ["RUNNING", "RUNNING", "QUEUED", "QUEUED"]);
        cluster.Blocks.Gate("g1").Open();
        await cluster.Blocks.Gate("g2").ArrivalAsync();
        await AssertStatusesAsync(cluster, runs, ["RUNNING", "COMPLETED", "RUNNING", "QUEUED"]);
        foreach (var i in new[] { 0, 2, 3 }) cluster.Blocks.Gate($"g{i}").Open();
        foreach (var run in runs) Assert.Equal("COMPLETED", (await cluster.EndOfAsync(run)).Status);
    }

    [Fact]
    public async Task Users_take_turns_for_the_slots_of_a_silo()
    {
        await using var cluster = await GrainCluster.StartAsync(Slots(1));
        var (agent, others) = (Gated(cluster), Gated(cluster));
        await cluster.StoreAsync(agent);
        await cluster.StoreAsAsync("user-2", others);
        var runs = new List<Guid>();
        for (var i = 0; i < 5; i++) runs.Add(await cluster.StartRunAsync(agent, new { gate = $"g{i}" }));
        await cluster.Blocks.Gate("g0").ArrivalAsync();

        var other = await cluster.StartRunAsync(others, new { gate = "other" }, "user-2");
        cluster.Blocks.Gate("other").Open();
        cluster.Blocks.Gate("g0").Open();
        await cluster.Blocks.Gate("g1").ArrivalAsync();
        cluster.Blocks.Gate("g1").Open();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(other)).Status);
        await AssertStatusesAsync(cluster, runs, ["COMPLETED", "COMPLETED", "RUNNING", "QUEUED", "QUEUED"]);
    }

    [Fact]
    public async Task A_sub_agent_needs_no_slot()
    {
        await using var cluster = await GrainCluster.StartAsync(Slots(1));
        var child = cluster.NewAgent("Child").Node("step", TestBlocks.Step, """{"value": 1}""").Output("result").Link("step.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);

        Assert.Equal(["1"], (await cluster.EndOfAsync(await cluster.StartRunAsync(parent))).Results("result"));
    }

    [Fact]
    public async Task A_run_that_waits_for_a_slot_is_stopped_without_ever_starting()
    {
        await using var cluster = await GrainCluster.StartAsync(Slots(1));
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        var first = await cluster.StartRunAsync(agent, new { gate = "g0" });
        await cluster.Blocks.Gate("g0").ArrivalAsync();
        var stopped = await cluster.StartRunAsync(agent, new { gate = "g1" });
        var third = await cluster.StartRunAsync(agent, new { gate = "g2" });

        Assert.True(await cluster.Run(stopped).Stop(GrainCluster.User));
        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(stopped)).Status);
        cluster.Blocks.Gate("g0").Open();
        cluster.Blocks.Gate("g2").Open();

        Assert.Equal(("COMPLETED", "COMPLETED"), ((await cluster.EndOfAsync(first)).Status, (await cluster.EndOfAsync(third)).Status));
    }

    [Fact]
    public async Task The_limits_of_a_user_hold_on_all_silos_together_Cluster()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Silos = 3,
            Options = options =>
            {
                options.MaxConcurrentGraphExecutionsPerUser = 4;
                options.MaxConcurrentExecutionsPerUser = 6;
            },
        });
        var (one, two) = (Gated(cluster), Gated(cluster));
        await cluster.StoreAsync(one);
        await cluster.StoreAsync(two);
        var runs = new List<Guid>();
        foreach (var agent in new[] { one, two })
            for (var i = 0; i < 6; i++) runs.Add(await cluster.StartRunAsync(agent, new { gate = "g" }));

        for (var i = 0; i < 6; i++) await cluster.Blocks.Gate("g").ArrivalAsync();

        var expected = Enumerable.Range(0, 12).Select(i => i is < 4 or 6 or 7 ? "RUNNING" : "QUEUED").ToList();
        await AssertStatusesAsync(cluster, runs, expected);
        cluster.Blocks.Gate("g").Open();
        foreach (var run in runs) Assert.Equal("COMPLETED", (await cluster.EndOfAsync(run)).Status);
    }

    internal static ClusterSetup Slots(int count) => new() { Options = options => options.MaxRunsPerSilo = count };

    internal static ClusterSetup Limits(int perGraph, int perUser) => new()
    {
        Options = options =>
        {
            options.MaxConcurrentGraphExecutionsPerUser = perGraph;
            options.MaxConcurrentExecutionsPerUser = perUser;
        },
    };

    internal static Engine.Graphs.Graph Gated(GrainCluster cluster) =>
        cluster.NewAgent().Input("gate").Node("waiting", TestBlocks.Step).Link("gate.result", "waiting.gate").Build();

    /// <summary>Runs are admitted after they are accepted: those that should run are waited for, then all are compared.</summary>
    internal static async Task AssertStatusesAsync(GrainCluster cluster, IReadOnlyList<Guid> runs, IReadOnlyList<string> expected)
    {
        for (var i = 0; i < runs.Count; i++)
            if (expected[i] == "RUNNING") await cluster.UntilAsync(runs[i], run => run.Status == "RUNNING", "that is admitted");

        var statuses = new List<string>();
        foreach (var run in runs) statuses.Add((await cluster.ViewAsync(run)).Status);
        Assert.Equal(expected, statuses);
    }
}
