using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

/// <summary>Nodes that run on another silo than their run: what is noticed, and what is not done twice.</summary>
public sealed class LostAttemptsClusterTests
{
    [Fact]
    public async Task A_run_that_moves_leaves_its_node_where_it_is_and_goes_on_with_what_it_reports()
    {
        await using var cluster = await StartAsync();
        var (runId, silo) = await WaitingAtGateAsync(cluster, Waiting(cluster));
        foreach (var other in cluster.SiloNames.Where(other => other != silo)) await cluster.MoveRunAsync(runId, other);

        // The new activation has asked for the node before it answers this.
        await cluster.Run(runId).Resume();
        cluster.Blocks.Gate("g1").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 1, 1, silo), (run.Status, run.The("waiting").Row.Attempt, cluster.Blocks.Starts("waiting"), run.The("waiting").Row.Host));
        Assert.Single(await cluster.KindsAsync(runId), kind => kind == "node_began");
    }

    [Fact]
    public async Task A_node_whose_silo_dies_runs_again_although_its_run_is_elsewhere_and_stays()
    {
        await using var cluster = await StartAsync();
        var (runId, silo) = await WaitingAtGateAsync(cluster, Waiting(cluster));
        var other = cluster.SiloNames.First(other => other != silo);
        await cluster.MoveRunAsync(runId, other);

        await cluster.KillSiloAsync(silo);
        await cluster.Blocks.Gate("g2").ArrivalAsync();
        cluster.Blocks.Gate("g2").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 2, 2), (run.Status, run.The("waiting").Row.Attempt, cluster.Blocks.Starts("waiting")));
        Assert.NotEqual(silo, run.The("waiting").Row.Host);
    }

    [Fact]
    public async Task An_effect_free_node_whose_silo_dies_runs_again_although_its_run_is_elsewhere()
    {
        await using var cluster = await StartAsync();
        var (runId, silo) = await WaitingAtGateAsync(cluster, Waiting(cluster, TestBlocks.PureStep));
        await cluster.MoveRunAsync(runId, cluster.SiloNames.First(other => other != silo));

        await cluster.KillSiloAsync(silo);
        await cluster.Blocks.Gate("g2").ArrivalAsync();
        cluster.Blocks.Gate("g2").Open();

        Assert.Equal(("COMPLETED", 2), ((await cluster.EndOfAsync(runId)).Status, cluster.Blocks.Starts("waiting")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_attempt_that_is_lost_on_a_living_silo_is_found_and_runs_again(bool elsewhere)
    {
        await using var cluster = await StartAsync();
        var (runId, silo) = await WaitingAtGateAsync(cluster, Waiting(cluster, TestBlocks.PricedStep));
        if (elsewhere) await cluster.MoveRunAsync(runId, cluster.SiloNames.First(other => other != silo));
        await LoseAsync(cluster);

        await cluster.Blocks.Gate("g2").ArrivalAsync();
        cluster.Blocks.Gate("g2").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 2, 2), (run.Status, run.The("waiting").Row.Attempt, cluster.Blocks.Starts("waiting")));
        Assert.Equal([(run.The("waiting").Row.Id.ToString(), 10L)], await cluster.ChargesAsync());
        Assert.Equal(10, run.Stat("cost"));
    }

    [Fact]
    public async Task A_stop_ends_a_run_whose_attempt_nobody_has_with_what_the_ledger_says()
    {
        await using var cluster = await StartAsync(check: TimeSpan.FromMinutes(30));
        var (runId, silo) = await WaitingAtGateAsync(cluster, Waiting(cluster, TestBlocks.PricedStep));
        await cluster.MoveRunAsync(runId, cluster.SiloNames.First(other => other != silo));
        await LoseAsync(cluster);

        await cluster.Run(runId).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", "TERMINATED", 1), (run.Status, run.The("waiting").Row.Status, cluster.Blocks.Starts("waiting")));
        Assert.Equal(10, run.Stat("cost"));
        Assert.Single(await cluster.ChargesAsync());
    }

    [Fact]
    public async Task A_stop_cancels_a_block_on_another_silo_although_Orleans_has_dropped_the_node_grain()
    {
        await using var cluster = await StartAsync(check: TimeSpan.FromMinutes(30));
        var (runId, silo) = await WaitingAtGateAsync(cluster, Waiting(cluster));
        await cluster.MoveRunAsync(runId, cluster.SiloNames.First(other => other != silo));
        await cluster.Running.DeactivateAsync(cluster.Grains.GetGrain<INodeExecutionGrain>(NodeExecutionIds.Derive(runId, 0)));
        var attempt = cluster.ServicesOf(silo).GetRequiredService<SiloAttempts>().EndOf(NodeExecutionIds.Derive(runId, 0));
        Assert.False(attempt.IsCompleted);

        await cluster.Run(runId).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", "TERMINATED", 1), (run.Status, run.The("waiting").Row.Status, run.The("waiting").Row.Attempt));
        await attempt.WaitAsync(GrainCluster.Patience);
    }

    [Fact]
    public async Task Of_two_starts_of_one_attempt_on_two_silos_one_begins()
    {
        await using var cluster = await StartAsync(check: TimeSpan.FromMinutes(30));
        var (runId, silo) = await WaitingAtGateAsync(cluster, Waiting(cluster));
        var view = await cluster.ViewAsync(runId);
        var other = cluster.SiloNames.First(other => other != silo);

        // As after a message whose answer was lost, when Orleans has dropped the first activation meanwhile.
        var again = cluster.ServicesOf(other).GetRequiredService<SiloAttempts>().Start(
            view.The("waiting").Row.Id,
            new NodeWork
            {
                RunId = runId,
                UserId = GrainCluster.User,
                GraphId = view.Row.GraphId,
                GraphVersion = view.Row.GraphVersion,
                NodeId = "waiting",
                BlockId = TestBlocks.Step,
                Attempt = 1,
                Input = Interfaces.JsonPayload.EmptyObject,
                Repeated = true,
            },
            cluster.Run(runId).Report);
        await again.WaitAsync(GrainCluster.Patience);
        cluster.Blocks.Gate("g1").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 1, silo), (run.Status, cluster.Blocks.Starts("waiting"), run.The("waiting").Row.Host));
    }

    [Fact]
    public async Task The_third_attempt_runs_on_a_silo_with_nothing_else_of_its_run()
    {
        await using var cluster = await StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g", "numbered": true}""").Node("beside", TestBlocks.Step, """{"gate": "b"}""").Build();
        var (runId, _) = await WaitingAtGateAsync(cluster, agent);
        await cluster.Blocks.Gate("b").ArrivalAsync();
        var home = cluster.SiloOfRun(runId)!;
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await LoseAsync(cluster, attempt);
            await cluster.Blocks.Gate($"g{attempt + 1}").ArrivalAsync();
        }

        var node = (await cluster.UntilAsync(runId, run => run.The("waiting").Row is { Attempt: 3 }, "with a third attempt")).The("waiting");

        Assert.NotEqual(home, node.Row.Host);
        Assert.Equal(home, cluster.SiloOfRun(runId));
    }

    [Fact]
    public async Task A_sub_agent_whose_nodes_silo_dies_is_joined_and_not_stopped()
    {
        await using var cluster = await StartAsync();
        var child = cluster.NewAgent("Child").Node("step", TestBlocks.Step, """{"value": 1, "gate": "g"}""").Output("result").Link("step.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);
        var runId = await cluster.StartRunAsync(parent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var childRun = NodeExecutionIds.ChildRun(NodeExecutionIds.Derive(runId, 0));
        var silo = (await cluster.ViewAsync(runId)).The("sub").Row.Host!;
        var others = cluster.SiloNames.Where(other => other != silo).ToList();
        await cluster.MoveRunAsync(runId, others[0]);
        await cluster.MoveRunAsync(childRun, others[1]);

        await cluster.KillSiloAsync(silo);
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", "COMPLETED"), (run.Status, (await cluster.ViewAsync(childRun)).Status));
        Assert.Equal(["1"], run.Results("result"));
    }

    private static Task<GrainCluster> StartAsync(TimeSpan? check = null) => GrainCluster.StartAsync(new ClusterSetup
    {
        Silos = 3,
        Options = options => options.RunCheckInterval = check ?? TimeSpan.FromMilliseconds(200),
    });

    private static Graph Waiting(GrainCluster cluster, string block = TestBlocks.Step) =>
        cluster.NewAgent().Node("waiting", block, """{"gate": "g", "numbered": true, "tier": 10, "value": 1}""").Output("result").Link("waiting.value", "result.value").Build();

    private static async Task<(Guid RunId, string Silo)> WaitingAtGateAsync(GrainCluster cluster, Graph agent)
    {
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g1").ArrivalAsync();
        // An effect-free block may run ahead of the log.
        var run = await cluster.UntilAsync(runId, run => run.Of("waiting").Any(node => node.Row.Status == "RUNNING"), "whose dispatch is durable");
        return (runId, run.The("waiting").Row.Host!);
    }

    /// <summary>Lets the block at the gate end, and its attempt fail to report it.</summary>
    private static async Task LoseAsync(GrainCluster cluster, int attempt = 1)
    {
        cluster.Calls.LoseAttempts();
        cluster.Blocks.Gate($"g{attempt}").Open();
        await cluster.Log.UntilAsync("could not report its end", attempt);
        cluster.Calls.Refused = null;
    }
}
