using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Billing;
using Npgsql;

namespace Grainflow.Grains.Tests;

/// <summary>Operations that wait together are written together, and must not fail together.</summary>
public sealed class WalletIsolationTests
{
    /// <summary>PostgreSQL has no text with this character.</summary>
    private const string BadKey = "bad\0key";

    [Fact]
    public async Task An_operation_that_the_database_refuses_fails_alone()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var (first, others) = await TogetherAsync(cluster, [.. Enumerable.Range(0, 21).Select(i => i == 13 ? BadKey : $"key {i}")]);

        Assert.True((await first).Paid);
        foreach (var (key, charge) in others)
        {
            if (key == BadKey) await Assert.ThrowsAnyAsync<Exception>(() => charge);
            else Assert.True((await charge).Paid, key);
        }

        Assert.Equal(21, (await cluster.ChargesAsync()).Count);
        Assert.Equal(1500 - 21, await cluster.Wallet().GetBalance());
        // The wallet goes on.
        Assert.True((await cluster.Wallet().Spend(Charge("later"))).Paid);
    }

    [Fact]
    public async Task When_the_database_is_away_all_fail_and_are_charged_once_when_they_are_repeated()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var transactions = 0;
        var (first, others) = await TogetherAsync(cluster, ["one", "two", "three"], async apply =>
        {
            // The first of the batch is held; the answer to the others gets lost after they were written.
            var results = await apply();
            return ++transactions == 2 ? throw new NpgsqlException("Exception while reading from stream", new IOException("reset")) : results;
        });
        Assert.True((await first).Paid);
        foreach (var (_, charge) in others) await Assert.ThrowsAnyAsync<Exception>(() => charge);

        Assert.Equal(2, transactions);
        foreach (var (key, _) in others) Assert.True((await cluster.Wallet().Spend(Charge(key))).Paid);
        Assert.Equal(4, (await cluster.ChargesAsync()).Count);
    }

    /// <summary>Charges one key, and all others in one batch behind it.</summary>
    private static async Task<(Task<SpendResult> First, List<(string Key, Task<SpendResult> Charge)> Others)> TogetherAsync(
        GrainCluster cluster, string[] keys, Func<Func<Task<IReadOnlyList<IReadOnlyList<LedgerResult>>>>, Task<IReadOnlyList<IReadOnlyList<LedgerResult>>>>? fault = null)
    {
        var held = new TaskCompletionSource();
        var letOn = new TaskCompletionSource();
        cluster.Faults.OnLedger = async apply =>
        {
            held.TrySetResult();
            await letOn.Task;
            return fault is null ? await apply() : await fault(apply);
        };
        var first = cluster.Wallet().Spend(Charge("first"));
        await held.Task.WaitAsync(GrainCluster.Patience);
        var taken = cluster.Calls.NextAsync(nameof(IUserWalletGrain.Spend), keys.Length);
        var others = keys.Select(key => (key, cluster.Wallet().Spend(Charge(key)))).ToList();
        await taken.WaitAsync(GrainCluster.Patience);
        letOn.SetResult();
        return (first, others);
    }

    private static Spend Charge(string key) => new() { TransactionKey = key, Credits = 1, Metadata = JsonPayload.EmptyObject };
}
