using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

public sealed class ComputingBlockTests
{
    [Fact]
    public async Task A_block_that_computes_without_end_is_left_behind_after_the_grace()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock, Options = options => options.CancelGrace = TimeSpan.FromSeconds(5) });
        var agent = cluster.NewAgent().Node("endless", HeldComputation.Id, """{"value": "a", "held": true}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Computation.ArrivalAsync();

        await cluster.Run(runId).Stop(GrainCluster.User);
        // Answered after the cancellation has reached the node, which is a call in the same order.
        Assert.True(await cluster.CancelFirstNodeAsync(runId));
        clock.Advance(TimeSpan.FromSeconds(4));
        var before = await cluster.ViewAsync(runId);
        clock.Advance(TimeSpan.FromSeconds(1));
        var run = await cluster.EndOfAsync(runId);
        cluster.Blocks.Computation.Open();

        Assert.Equal("RUNNING", before.Status);
        Assert.Equal(("TERMINATED", "TERMINATED"), (run.Status, run.The("endless").Row.Status));
    }

    [Fact]
    public async Task A_block_computes_on_a_thread_for_that_and_not_on_one_that_all_share()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("step", HeldComputation.Id, """{"value": "a", "held": true}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);

        Assert.Equal("Computing", await cluster.Blocks.Computation.ArrivalAsync());

        cluster.Blocks.Computation.Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task Outputs_are_recorded_while_the_next_one_is_computed()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("step", HeldComputation.Id, """{"value": "a", "held": true, "count": 2}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Computation.ArrivalAsync();

        await cluster.UntilAsync(runId, run => run.Outputs("step", "value").Count == 1, "to record an output");

        cluster.Blocks.Computation.Open();
        Assert.Equal(["\"a\"", "\"a\""], (await cluster.EndOfAsync(runId)).Outputs("step", "value"));
    }

    [Fact]
    public async Task Many_outputs_come_in_their_order_and_all_of_them()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("step", HeldComputation.Id, """{"value": "a", "count": 1000}""").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(1000, run.Outputs("step", "value").Count);
    }

    [Fact]
    public async Task A_short_computation_of_one_run_does_not_wait_for_long_ones_of_another()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.ComputingPoolSize = 1 });
        var builder = cluster.NewAgent("Long");
        for (var i = 0; i < 10; i++) builder.Node($"long{i}", HeldComputation.Id, """{"value": "a", "held": true}""");
        var busy = builder.Build();
        await cluster.StoreAsync(busy);
        var runId = await cluster.StartRunAsync(busy);
        await cluster.Blocks.Computation.ArrivalAsync();

        var quick = await cluster.RunToEndAsync(cluster.NewAgent("Short").Node("short", HeldComputation.Id, """{"value": "b"}""").Build());

        Assert.Equal("COMPLETED", quick.Status);
        Assert.Equal("RUNNING", (await cluster.ViewAsync(runId)).Status);
        cluster.Blocks.Computation.Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }
}
