using Grainflow.Engine.Graphs;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

/// <summary>Effect-free nodes run beside their run, without a grain of their own (ADR 0017).</summary>
public sealed class ComputedNodesTests
{
    [Fact]
    public async Task A_cancel_reaches_every_computation_under_way()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = cluster.NewAgent().Node("one", TestBlocks.PureStep, """{"gate": "g1"}""").Node("two", TestBlocks.PureStep, """{"gate": "g2"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g1").ArrivalAsync();
        await cluster.Blocks.Gate("g2").ArrivalAsync();

        await cluster.Run(runId).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("TERMINATED", run.Status);
        Assert.All(new[] { "one", "two" }, node => Assert.Equal("TERMINATED", run.The(node).Row.Status));
    }

    [Fact]
    public async Task A_start_that_is_repeated_joins_the_computation_under_way()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = Chain(cluster);
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await cluster.UntilAsync(runId, run => run.Of("first").Any(node => node.Row.Status == "RUNNING"), "whose dispatch is durable");

        // The next activation tells its nodes again, because it cannot know whether they were told.
        await cluster.Running.DeactivateAsync(cluster.Run(runId));
        Assert.Equal("RUNNING", (await cluster.Run(runId).GetState(GrainCluster.User))!.Status);
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 1, 1), (run.Status, run.The("first").Row.Attempt, cluster.Blocks.Starts("first")));
    }

    [Fact]
    public async Task A_report_reaches_the_run_although_the_activation_that_started_its_node_has_gone()
    {
        await using var cluster = await GrainCluster.StartAsync(Free());
        var agent = Chain(cluster);
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await cluster.UntilAsync(runId, run => run.Of("first").Any(node => node.Row.Status == "RUNNING"), "whose dispatch is durable");

        await cluster.Running.DeactivateAsync(cluster.Run(runId));
        cluster.Blocks.Gate("g").Open();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_running_ahead_switched_off_every_step_waits_for_its_commit(bool runAhead)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options => options.RunAhead = runAhead,
            LogOptions = options => options.ExecutionCostPerThreshold = 0,
        });
        var written = new TaskCompletionSource();
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            var result = append();
            sent.TrySetResult();
            await written.Task;
            return await result;
        };
        var agent = Chain(cluster);
        await cluster.StoreAsync(agent);

        var start = cluster.StartRunAsync(agent);
        await sent.Task.WaitAsync(GrainCluster.Patience);
        if (runAhead) await cluster.Blocks.Gate("g").ArrivalAsync();
        // Nothing can be seen of a node that does not start: whoever reports next to the run comes after its dispatch was decided.
        var runId = await start;
        await cluster.Run(runId).GetState(GrainCluster.User);
        var before = cluster.Blocks.Starts("first");
        written.SetResult();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal((runAhead ? 1 : 0, "COMPLETED"), (before, run.Status));
    }

    private static Graph Chain(GrainCluster cluster) => cluster.NewAgent()
        .Node("first", TestBlocks.PureStep, """{"gate": "g", "value": 1}""").Output("result").Link("first.value", "result.value").Build();

    private static ClusterSetup Free() => new() { LogOptions = options => options.ExecutionCostPerThreshold = 0 };
}
