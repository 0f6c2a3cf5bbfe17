using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class ChargingCrashTests
{
    [Fact]
    public async Task A_node_that_is_dispatched_again_after_a_crash_is_not_charged_again()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { LogOptions = options => options.ExecutionCostCountThreshold = 1 });
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10, "gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 2), (run.Status, run.The("priced").Row.Attempt));
        Assert.Equal([(run.The("priced").Row.Id.ToString(), 11L)], await cluster.ChargesAsync());
        Assert.Equal(11, run.Stat("cost"));
        Assert.Equal(1, run.The("priced").Fee);
        Assert.Equal(1489, await cluster.Wallet().GetBalance());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_while_a_node_is_charged_charges_it_once(bool wasWritten)
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10}""").Build();
        await cluster.StoreAsync(agent);
        var charging = new TaskCompletionSource();
        cluster.Faults.OnLedger = async apply =>
        {
            var results = wasWritten ? await apply() : [];
            charging.SetResult();
            await new TaskCompletionSource().Task;
            return results;
        };
        var runId = await cluster.StartRunAsync(agent);
        await charging.Task.WaitAsync(GrainCluster.Patience);
        var before = await cluster.ChargesAsync();

        await cluster.KillAsync();
        cluster.Faults.OnLedger = null;
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(wasWritten ? 1 : 0, before.Count);
        Assert.Equal(("COMPLETED", 10), (run.Status, run.Stat("cost")));
        Assert.Equal([(run.The("priced").Row.Id.ToString(), 10L)], await cluster.ChargesAsync());
        Assert.Equal(1, cluster.Blocks.Starts("priced"));
    }

    [Fact]
    public async Task A_run_without_credits_left_does_not_begin_after_a_crash()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options =>
            {
                options.NumUserCreditsRefill = 10;
                options.MaxConcurrentGraphExecutionsPerUser = 1;
            },
        });
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10, "gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var first = await cluster.StartRunAsync(agent);
        var second = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.KillAsync();
        cluster.Blocks.Gate("g").Open();
        await cluster.RecoverAsync();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(first)).Status);
        Assert.Equal("FAILED", (await cluster.EndOfAsync(second)).Status);
        Assert.Equal(10, Assert.Single(await cluster.ChargesAsync()).Credits);
    }
}
