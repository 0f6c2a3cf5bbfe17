using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Grains.Tests;

public sealed class LostAttemptsCrashTests
{
    [Fact]
    public async Task A_node_that_takes_its_process_with_it_three_times_fails_and_stays_charged()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("poison", TestBlocks.PricedStep, """{"tier": 10, "gate": "g", "stubborn": true}""").Output("failure").Link("poison.error", "failure.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        for (var i = 0; i < 3; i++)
        {
            await cluster.Blocks.Gate("g").ArrivalAsync();
            await cluster.KillAsync();
            await cluster.RecoverAsync();
        }

        var run = await cluster.EndOfAsync(runId);

        var node = run.The("poison");
        Assert.Equal(("FAILED", 3), (node.Row.Status, node.Row.Attempt));
        Assert.Equal("The process that ran this node ended 3 times while it was running; it is not tried again.", node.Row.Error);
        Assert.Equal(3, cluster.Blocks.Starts("poison"));
        Assert.Equal(("COMPLETED", 10L), (run.Status, run.Stat("cost")));
        Assert.Equal([(node.Row.Id.ToString(), 10L)], await cluster.ChargesAsync());
        Assert.Single(run.Results("failure"));
    }

    [Fact]
    public async Task A_run_that_is_stopped_after_a_crash_counts_what_the_dead_process_had_charged()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10, "gate": "g", "stubborn": true}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await cluster.Run(runId).Stop(GrainCluster.User);

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", 10L), (run.Status, run.Stat("cost")));
        Assert.Equal([(run.The("priced").Row.Id.ToString(), 10L)], await cluster.ChargesAsync());
    }

    [Theory]
    [InlineData(TestBlocks.Step, """{"gate": "g"}""")]
    [InlineData(HeldComputation.Id, """{"value": "a", "held": true}""")]
    public async Task Stopping_the_process_in_order_does_not_cost_an_attempt(string block, string constants)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.RunLimits = options.RunLimits with { MaxAttempts = 1 } });
        var agent = cluster.NewAgent().Node("waiting", block, constants).Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        for (var i = 0; i < 3; i++)
        {
            await (block == TestBlocks.Step ? cluster.Blocks.Gate("g").ArrivalAsync() : cluster.Blocks.Computation.ArrivalAsync());
            var interrupted = InterruptedAsync(cluster, runId, i + 1);
            cluster.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
            await interrupted;
            await cluster.KillAsync();
            await cluster.RecoverAsync();
        }

        cluster.Blocks.Gate("g").Open();
        cluster.Blocks.Computation.Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", "COMPLETED", 4), (run.Status, run.The("waiting").Row.Status, run.The("waiting").Row.Attempt));
    }

    /// <summary>Waits until the log of a run has as many interruptions.</summary>
    private static async Task InterruptedAsync(GrainCluster cluster, Guid runId, int count)
    {
        while (true)
        {
            var next = await cluster.NextCommitAsync();
            if ((await cluster.KindsAsync(runId)).Count(kind => kind == "node_interrupted") == count) return;
            await next.WaitAsync(GrainCluster.Patience);
        }
    }
}
