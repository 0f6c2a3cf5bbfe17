using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Billing;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

public sealed class WalletTests
{
    [Fact]
    public async Task The_first_look_at_the_balance_grants_the_month_once()
    {
        await using var cluster = await GrainCluster.StartAsync();

        var balances = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cluster.Wallet().GetBalance()));

        Assert.All(balances, balance => Assert.Equal(1500, balance));
        var row = Assert.Single(await cluster.LedgerOfAsync());
        Assert.Equal((LedgerType.Grant, 1500L), (row.Type, row.Amount));
    }

    [Fact]
    public async Task The_grant_of_a_month_fills_up_to_the_refill_and_no_further()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 1, 31, 23, 0, 0, TimeSpan.Zero));
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        Assert.Equal(1500, await cluster.Wallet().GetBalance());
        await cluster.Wallet().Spend(Charge("one", 400));

        var sameMonth = await cluster.Wallet().GetBalance();
        clock.Advance(TimeSpan.FromHours(1));
        var nextMonth = await cluster.Wallet().GetBalance();
        await cluster.Wallet().Grant("gift", 100, "A gift");
        clock.Advance(TimeSpan.FromDays(28));
        var above = await cluster.Wallet().GetBalance();

        Assert.Equal((1100, 1500, 1600), (sameMonth, nextMonth, above));
        var grants = (await cluster.LedgerOfAsync()).Where(row => row.TransactionKey.StartsWith("MONTHLY", StringComparison.Ordinal));
        Assert.Equal(
            [("MONTHLY-CREDIT-TOP-UP-2026-01", 1500L), ("MONTHLY-CREDIT-TOP-UP-2026-02", 400L), ("MONTHLY-CREDIT-TOP-UP-2026-03", 0L)],
            grants.Select(row => (row.TransactionKey, row.Amount)));
    }

    [Fact]
    public async Task The_balance_is_that_of_the_ledger_after_the_wallet_was_given_up()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        await cluster.Wallet().Spend(Charge("one", 1500));

        await cluster.Running.DeactivateAsync(cluster.Wallet());

        Assert.Equal(0, await cluster.Wallet().GetBalance());
    }

    [Fact]
    public async Task A_balance_that_was_read_before_a_charge_is_not_told_after_it()
    {
        // A clock that stands still: what is known would be told for ever.
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = new ManualClock() });
        Assert.Equal(1500, await cluster.Wallet().GetBalance());
        var (read, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Faults.OnBalance = _ =>
        {
            cluster.Faults.OnBalance = null;
            read.SetResult();
            return held.Task;
        };
        var early = cluster.Wallet().GetBalance();
        await read.Task.WaitAsync(TestContext.Current.CancellationToken);

        await cluster.Wallet().Spend(Charge("one", 400));
        held.SetResult();
        await early;

        Assert.Equal(1100, await cluster.Wallet().GetBalance());
    }

    [Fact]
    public async Task A_key_is_paid_once_however_often_it_is_asked_for_at_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => cluster.Wallet().Spend(Charge($"key {i % 20}", 10 + (i % 20)))));

        Assert.All(results, result => Assert.True(result.Paid));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => 10L + (i % 20)), results.Select(result => result.Charged));
        var charges = await cluster.ChargesAsync();
        Assert.Equal(20, charges.Count);
        Assert.Equal(1500 - charges.Sum(charge => charge.Credits), await cluster.Wallet().GetBalance());
    }

    [Fact]
    public async Task Operations_that_arrive_together_are_written_together()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var before = cluster.Faults.LedgerTransactions;
        var held = new TaskCompletionSource();
        var letOn = new TaskCompletionSource();
        cluster.Faults.OnLedger = async apply =>
        {
            held.TrySetResult();
            await letOn.Task;
            return await apply();
        };

        var first = cluster.Wallet().Spend(Charge("first", 1));
        await held.Task.WaitAsync(GrainCluster.Patience);
        var taken = cluster.Calls.NextAsync(nameof(IUserWalletGrain.Spend), 199);
        var others = Enumerable.Range(0, 199).Select(i => cluster.Wallet().Spend(Charge($"key {i}", 1))).ToList();
        await taken.WaitAsync(GrainCluster.Patience);
        letOn.SetResult();
        await Task.WhenAll(others.Append(first));

        Assert.Equal(2, cluster.Faults.LedgerTransactions - before);
        Assert.Equal(200, (await cluster.ChargesAsync()).Count);
    }

    [Fact]
    public async Task The_balance_never_falls_below_zero()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();

        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => cluster.Wallet().Spend(Charge($"key {i}", 70))));

        Assert.Equal(21, results.Count(result => result.Paid));
        Assert.All(results.Where(result => !result.Paid), result => Assert.Equal((0, 30), (result.Charged, result.Balance)));
        Assert.Equal(30, await cluster.Wallet().GetBalance());
        Assert.All(await cluster.LedgerOfAsync(), row => Assert.InRange(row.RunningBalance, 0, 1500));
    }

    [Fact]
    public async Task A_charge_that_the_balance_does_not_cover_takes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();

        var result = await cluster.Wallet().Spend(Charge("too dear", 1501));

        Assert.Equal((false, 0, 1500), (result.Paid, result.Charged, result.Balance));
        Assert.Empty(await cluster.ChargesAsync());
    }

    [Fact]
    public async Task A_low_balance_and_one_that_does_not_suffice_are_shown_in_the_log_once()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var dear = Charge("dear", 500) with { GraphId = Guid.NewGuid() };

        await cluster.Wallet().Spend(Charge("one", 1001));
        await cluster.Wallet().Spend(Charge("two", 1));
        for (var i = 0; i < 3; i++) Assert.False((await cluster.Wallet().Spend(dear with { TransactionKey = $"dear {i}" })).Paid);

        // The user and the operators are told of each.
        await cluster.Log.UntilAsync("LOW_BALANCE", 2);
        await cluster.Log.UntilAsync("ZERO_BALANCE", 2);
        Assert.Equal((2, 2), (cluster.Log.Count("LOW_BALANCE"), cluster.Log.Count("ZERO_BALANCE")));
    }

    [Fact]
    public async Task With_credit_switched_off_everybody_has_a_hundred_and_nothing_is_charged()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.EnableCredit = false });

        var result = await cluster.Wallet().Spend(Charge("anything", 5000));

        Assert.Equal((true, 0, 100), (result.Paid, result.Charged, result.Balance));
        Assert.Equal(100, await cluster.Wallet().GetBalance());
        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("priced", TestBlocks.PricedStep, """{"tier": 2000}""").Build());
        // Semantics 3.1: the statistics have the price that would have been charged.
        Assert.Equal(("COMPLETED", 2000), (run.Status, run.Stat("cost")));
        Assert.Empty(await cluster.LedgerOfAsync());
    }

    [Fact]
    public async Task Where_credits_are_bought_nobody_is_granted_any()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.EnablePlatformPayment = true });

        Assert.Equal(0, await cluster.Wallet().GetBalance());
        Assert.Empty(await cluster.LedgerOfAsync());
    }

    [Fact]
    public async Task The_month_begins_at_midnight_in_UTC()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 3, 1, 0, 59, 59, 999, TimeSpan.FromHours(1)));
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        await cluster.Wallet().GetBalance();
        await cluster.Wallet().Spend(Charge("one", 400));

        var lastMoment = await cluster.Wallet().GetBalance();
        clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((1100, 1500), (lastMoment, await cluster.Wallet().GetBalance()));
        Assert.Equal(
            ["MONTHLY-CREDIT-TOP-UP-2026-02", "one", "MONTHLY-CREDIT-TOP-UP-2026-03"], (await cluster.LedgerOfAsync()).Select(row => row.TransactionKey));
    }

    [Fact]
    public async Task Another_change_earlier_in_the_month_does_not_keep_the_month_from_being_granted()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().Grant("gift", 10, "A gift");

        Assert.Equal(1500, await cluster.Wallet().GetBalance());
        Assert.Equal([10L, 1490L], (await cluster.LedgerOfAsync()).Select(row => row.Amount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_write_is_told_to_the_caller_and_asking_again_is_harmless(bool wasWritten)
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        cluster.Faults.OnLedger = async apply =>
        {
            cluster.Faults.OnLedger = null;
            if (wasWritten) await apply();
            throw new TimeoutException("The answer got lost.");
        };

        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Wallet().Spend(Charge("one", 100)));
        var again = await cluster.Wallet().Spend(Charge("one", 100));

        Assert.Equal((true, 100, 1400), (again.Paid, again.Charged, again.Balance));
        Assert.Equal([("one", 100L)], await cluster.ChargesAsync());
        Assert.Equal(1400, await cluster.Wallet().GetBalance());
    }

    [Fact]
    public async Task A_key_that_is_used_for_another_amount_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().Grant("gift", 10, "A gift");
        await cluster.Wallet().GetBalance();
        await cluster.Wallet().Spend(Charge("one", 10));

        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Wallet().Spend(Charge("one", 11)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Wallet().Grant("gift", 11, "Another gift"));
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.Wallet().Spend(Charge("nothing", 0)));
    }

    [Fact]
    public async Task Wallets_of_users_are_separate()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet("a").GetBalance();
        await cluster.Wallet("b").GetBalance();

        await cluster.Wallet("a").Spend(Charge("one", 100));

        Assert.Equal((1400, 1500), (await cluster.Wallet("a").GetBalance(), await cluster.Wallet("b").GetBalance()));
    }

    private static Spend Charge(string key, long credits) => new() { TransactionKey = key, Credits = credits, Metadata = JsonPayload.EmptyObject };
}
