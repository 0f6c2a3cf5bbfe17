using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Payments;

/// <summary>The daily comparison of ledger, wallets, payments and Stripe's objects: what it finds, and whom it tells.</summary>
public sealed class ReconciliationTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task What_was_bought_spent_and_given_back_agrees_with_Stripe_page_after_page()
    {
        await using var world = await PaymentCluster.StartAsync(_clock);
        world.Stripe.MostListed = 2;
        var keys = new List<string>();
        for (var i = 0; i < 5; i++) keys.Add(await world.BuyAsync());
        await world.SpendAsync(100);
        foreach (var key in keys.Take(3)) await world.User.RequestRefund(Guid.NewGuid(), key, "");
        _clock.Advance(TimeSpan.FromHours(2));

        var report = await CompareAsync(world);

        Assert.Equal((0, 8, 1), (report.GetProperty("difference_count").GetInt32(), report.GetProperty("payments_at_provider").GetInt32(), report.GetProperty("wallets").GetInt32()));
        Assert.Empty(await world.DataAsync("LEDGER_DIFFERENCES"));
        Assert.Equal(0, Gauge(world, "autogpt_ledger_differences"));
        Assert.Equal(1, Gauge(world, "autogpt_wallets", "500-1499") + Gauge(world, "autogpt_wallets", "1500-9999"));
    }

    [Fact]
    public async Task A_checkout_that_was_paid_an_hour_ago_and_is_not_fulfilled_is_told_to_the_operators()
    {
        await using var world = await PaymentCluster.StartAsync(_clock);
        var (payment, session) = await world.CheckOutAsync();
        world.Stripe.Pay(session);
        Assert.Equal(0, (await CompareAsync(world)).GetProperty("difference_count").GetInt32());

        _clock.Advance(TimeSpan.FromHours(2));
        var difference = Assert.Single((await CompareAsync(world)).GetProperty("differences").EnumerateArray());

        Assert.Equal(("paid_without_credits", GrainCluster.User, payment.ToString()), (Member(difference, "kind"), Member(difference, "user_id"), Member(difference, "subject")));
        Assert.Equal(1, Gauge(world, "autogpt_ledger_differences"));
        Assert.Equal(("LEDGER_DIFFERENCES", "platform"), Assert.Single(await world.ToldAsync()));
        Assert.Contains(payment.ToString(), Assert.Single(await world.DataAsync("LEDGER_DIFFERENCES")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credits_that_nobody_has_paid_for_are_found()
    {
        await using var world = await PaymentCluster.StartAsync(_clock);
        await world.Wallet.Apply(new WalletChange { TransactionKey = "pi_invented", Type = "TOP_UP", Credits = 900, Metadata = Interfaces.JsonPayload.EmptyObject });
        await world.ExecuteAsync(
            $"""
            INSERT INTO payments (id, user_id, kind, status, credits, transaction_key, intent_id, created_at, updated_at)
            VALUES (gen_random_uuid(), '{GrainCluster.User}', 'CHECKOUT', 'FULFILLED', 900, 'pi_invented', 'pi_invented', '{_clock.GetUtcNow():O}', '{_clock.GetUtcNow():O}')
            """);

        Assert.Equal(["not_paid"], await KindsAsync(world));
    }

    [Fact]
    public async Task Money_that_was_given_back_at_Stripe_without_taking_the_credits_is_found()
    {
        await using var world = await PaymentCluster.StartAsync(_clock);
        var intent = await world.BuyAsync();
        world.Stripe.Refund(intent, 500);
        _clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(["refund_not_taken"], await KindsAsync(world));
    }

    [Fact]
    public async Task Payments_of_other_programs_on_the_same_account_are_none_of_ours()
    {
        await using var world = await PaymentCluster.StartAsync(_clock);
        await world.BuyAsync();
        world.Stripe.PayElsewhere(700);
        _clock.Advance(TimeSpan.FromHours(2));

        Assert.Empty(await KindsAsync(world));
    }

    [Fact]
    public async Task The_task_fails_with_the_reason_when_Stripe_cannot_be_asked()
    {
        await using var world = await PaymentCluster.StartAsync();
        world.Stripe.Fault = _ => StripeFault.Drops;

        var answer = await world.Cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.Reconciliation).Trigger();

        Assert.Contains("The payments could not be compared with those of the provider: Stripe did not answer.", answer.Status.Error, StringComparison.Ordinal);
    }

    private static string? Member(JsonElement difference, string name) => difference.GetProperty(name).GetString();

    private static async Task<JsonElement> CompareAsync(PaymentCluster world)
    {
        var answer = await world.Cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.Reconciliation).Trigger();
        Assert.Equal((true, null), (answer.HasRun, answer.Status.Error));
        return JsonElement.Parse(Encoding.UTF8.GetString(answer.Status.Result!.Memory.Span));
    }

    private static async Task<IEnumerable<string?>> KindsAsync(PaymentCluster world) =>
        (await CompareAsync(world)).GetProperty("differences").EnumerateArray().Select(difference => Member(difference, "kind"));

    /// <summary>What a gauge of the silo shows; of the band when one is given.</summary>
    private static long Gauge(PaymentCluster world, string name, string? band = null)
    {
        var value = -1L;
        using var listener = new MeterListener();
        var scope = world.Cluster.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Name == name && ReferenceEquals(instrument.Meter.Scope, scope)) listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, measurement, tags, _) =>
        {
            if (band is null || (string?)tags[0].Value == band) value = measurement;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }
}
