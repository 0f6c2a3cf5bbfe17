using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

/// <summary>What a run says it has cost is what the ledger has for it, whatever happens while the wallet is asked.</summary>
public sealed class UnansweredChargeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_is_cancelled_before_the_wallet_has_answered_counts_what_the_ledger_has(bool wasWritten)
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var agent = cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 10}""").Build();
        await cluster.StoreAsync(agent);
        var charging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Faults.OnLedger = async apply =>
        {
            cluster.Faults.OnLedger = null;
            charging.SetResult();
            await stopped.Task;
            if (wasWritten) await apply();
            throw new TimeoutException("The answer got lost.");
        };
        var runId = await cluster.StartRunAsync(agent);
        await charging.Task.WaitAsync(GrainCluster.Patience);

        await cluster.Run(runId).Stop(GrainCluster.User);
        // Answered after the cancellation has reached the node, which is a call in the same order.
        Assert.True(await cluster.CancelFirstNodeAsync(runId));
        stopped.SetResult();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", "TERMINATED"), (run.Status, run.The("priced").Row.Status));
        Assert.Equal(wasWritten ? 10 : 0, run.Stat("cost"));
        Assert.Equal(run.Stat("cost"), (await cluster.ChargesAsync()).Sum(charge => charge.Credits));
        Assert.Equal(0, cluster.Blocks.Starts("priced"));
    }

    [Fact]
    public async Task A_charge_is_found_by_its_key_and_asking_for_it_charges_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        await cluster.Wallet().Spend(Charge("known", 7));
        await cluster.Wallet().Grant("granted", 5, "test");

        Assert.Equal(7, await cluster.Wallet().FindCharge("known"));
        Assert.Equal(0, await cluster.Wallet().FindCharge("unknown"));
        Assert.Equal(0, await cluster.Wallet().FindCharge("granted"));
        Assert.Equal(0, await cluster.Wallet("user-2").FindCharge("known"));
        Assert.Equal([("known", 7L)], await cluster.ChargesAsync());
    }

    [Fact]
    public async Task A_charge_that_is_being_written_is_waited_for()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Faults.OnLedger = async apply =>
        {
            writing.TrySetResult();
            await release.Task;
            return await apply();
        };
        var first = cluster.Wallet().Spend(Charge("first", 1));
        await writing.Task.WaitAsync(GrainCluster.Patience);
        // Calls may overtake each other on their way, so each waits until the one before it has arrived.
        var taken = cluster.Calls.NextAsync(nameof(IUserWalletGrain.Spend));
        var second = cluster.Wallet().Spend(Charge("second", 2));
        await taken.WaitAsync(GrainCluster.Patience);

        var asked = cluster.Calls.NextAsync(nameof(IUserWalletGrain.FindCharge));
        var one = cluster.Wallet().FindCharge("first");
        await asked.WaitAsync(GrainCluster.Patience);
        asked = cluster.Calls.NextAsync(nameof(IUserWalletGrain.FindCharge));
        var other = cluster.Wallet().FindCharge("second");
        await asked.WaitAsync(GrainCluster.Patience);
        var found = Task.WhenAll(one, other);
        Assert.False(one.IsCompleted || other.IsCompleted);
        release.SetResult();

        var charges = await found.WaitAsync(GrainCluster.Patience);
        Assert.Equal([1L, 2L], charges);
        await Task.WhenAll(first, second);
    }

    private static Spend Charge(string key, long credits) => new() { TransactionKey = key, Credits = credits, Metadata = JsonPayload.EmptyObject };
}
