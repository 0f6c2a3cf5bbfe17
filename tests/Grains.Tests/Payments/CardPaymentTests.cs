using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Billing;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Payments;

/// <summary>The automatic top-up: how it is set up, and what it does (contract: semantics 3.7).</summary>
public sealed class CardPaymentTests
{
    private const string Intents = "/v1/payment_intents";
    private const string FailedType = PaymentBooks.AutoTopUpFailed;

    private static readonly AutoTopUp Config = new() { Threshold = 300, Credits = 500 };
    private static readonly Guid Run = Guid.NewGuid();

    [Theory]
    [InlineData(299, true)]
    [InlineData(300, false)]
    [InlineData(301, false)]
    public async Task Credits_are_bought_when_the_balance_is_below_the_threshold(long balance, bool isBought)
    {
        await using var world = await SetUpAsync(balance);
        await world.User.TopUpAutomatically(Run);
        Assert.Equal(isBought ? balance + 500 : balance, await world.Wallet.GetBalance());
        Assert.Equal(isBought ? 1 : 0, world.Stripe.Count("POST", Intents));
    }

    [Theory]
    [InlineData(100, 300, false)]
    [InlineData(101, 299, true)]
    public async Task A_charge_that_leaves_less_than_the_threshold_buys_credits_and_answers_the_balance_before_them(long cost, long left, bool isBought)
    {
        await using var world = await SetUpAsync(400);
        var bought = world.Cluster.Calls.NextAsync(nameof(IUserPaymentsGrain.TopUpAutomatically));

        var charged = await world.Wallet.Spend(new Spend { TransactionKey = "one", Credits = cost, Metadata = Interfaces.JsonPayload.EmptyObject, RunId = Run });

        Assert.Equal((true, left), (charged.Paid, charged.Balance));
        if (isBought) await bought.WaitAsync(GrainCluster.Patience);
        // A purchase for another run comes after it, and finds that the balance suffices.
        await world.User.TopUpAutomatically(Guid.NewGuid());
        Assert.Equal(isBought ? left + 500 : left, await world.Wallet.GetBalance());
        Assert.Equal(isBought ? 1 : 0, world.Stripe.Count("POST", Intents));
    }

    [Theory]
    [InlineData(0, 500)]
    [InlineData(300, 0)]
    public async Task Nothing_is_bought_when_it_is_off(long threshold, long credits)
    {
        await using var world = await SetUpAsync(0, new AutoTopUp { Threshold = threshold, Credits = credits });
        await world.User.TopUpAutomatically(Run);
        Assert.Empty(world.Stripe.Calls);
    }

    [Fact]
    public async Task The_charge_is_made_while_its_owner_is_away_and_its_intent_is_the_key()
    {
        await using var world = await SetUpAsync();
        await world.User.TopUpAutomatically(Run);
        var call = Assert.Single(world.Stripe.Calls, call => call is { Method: "POST", Path: Intents });
        Assert.Equal(("500", "usd", "true", "true", "pm_1"), (call.Form["amount"], call.Form["currency"], call.Form["off_session"], call.Form["confirm"], call.Form["payment_method"]));
        Assert.Equal([(LedgerType.TopUp, 500L, world.Stripe.All("payment_intent").Single()["id"]!.GetValue<string>())], await world.LedgerAsync());
    }

    [Fact]
    public async Task Twenty_charges_at_once_buy_once()
    {
        await using var world = await SetUpAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => world.User.TopUpAutomatically(i % 2 == 0 ? Run : Guid.NewGuid())));
        Assert.Equal(500, await world.Wallet.GetBalance());
        Assert.Equal(1, world.Stripe.Count("POST", Intents));
    }

    [Fact]
    public async Task A_card_that_is_refused_is_followed_by_the_next_one()
    {
        await using var world = await SetUpAsync(cards: [("pm_bad", "Your card was declined."), ("pm_worse", "Your card has expired."), ("pm_good", null), ("pm_unused", null)]);
        await world.User.TopUpAutomatically(Run);
        Assert.Equal(500, await world.Wallet.GetBalance());
        Assert.Equal(["pm_bad", "pm_worse", "pm_good"], world.Stripe.Calls.Where(call => call is { Method: "POST", Path: Intents }).Select(call => call.Form["payment_method"]));
        Assert.Empty(await world.ToldAsync());
    }

    [Fact]
    public async Task A_payment_that_failed_is_a_row_with_its_reason_and_an_event_and_blocks_its_run_only()
    {
        await using var world = await SetUpAsync(cards: [("pm_bad", "Your card was declined.")]);
        await world.User.TopUpAutomatically(Run);
        await world.User.TopUpAutomatically(Run);
        Assert.Equal(1, world.Stripe.Count("POST", Intents));
        Assert.Equal([(FailedType, GrainCluster.User)], await world.ToldAsync());
        var data = Assert.Single(await world.DataAsync(FailedType));
        Assert.Equal("Out of payment methods to try. The last one: Your card was declined.", data.GetProperty("reason").GetString());

        world.Stripe.SaveCard(GrainCluster.User, "pm_good");
        await world.User.TopUpAutomatically(Run);
        Assert.Equal(0, await world.Wallet.GetBalance());
        await world.User.TopUpAutomatically(Guid.NewGuid());
        Assert.Equal(500, await world.Wallet.GetBalance());
    }

    [Fact]
    public async Task A_payment_that_succeeded_frees_its_run_for_the_next_one()
    {
        await using var world = await SetUpAsync();
        await world.User.TopUpAutomatically(Run);
        await world.SpendAsync(450);
        await world.User.TopUpAutomatically(Run);
        Assert.Equal(550, await world.Wallet.GetBalance());
        Assert.Equal(2, (await world.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Without_a_card_the_payment_fails_with_the_cure()
    {
        await using var world = await SetUpAsync(cards: []);
        await world.User.TopUpAutomatically(Run);
        Assert.Equal(CardPayments.NoCard, Assert.Single(await world.DataAsync(FailedType)).GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData(StripeFault.DropsAfter)]
    [InlineData(StripeFault.FailsAfter)]
    public async Task A_charge_whose_answer_is_lost_is_found_and_no_other_card_is_charged(StripeFault fault)
    {
        await using var world = await SetUpAsync(cards: [("pm_1", null), ("pm_2", null)]);
        world.Stripe.Fault = call => call is { Method: "POST", Path: Intents } ? fault : StripeFault.None;
        await world.User.TopUpAutomatically(Run);
        Assert.Equal(PaymentStatus.Pending, Assert.Single(await world.Payments.PendingAsync(GrainCluster.User, CancellationToken.None)).Status);

        // Also when the card is gone that was charged.
        world.Stripe.Fault = _ => StripeFault.None;
        world.Stripe.RemoveCard(GrainCluster.User, "pm_1");
        await world.User.TopUpAutomatically(Guid.NewGuid());
        Assert.Equal(500, await world.Wallet.GetBalance());
        Assert.Single(world.Stripe.All("payment_intent"));
        Assert.Empty(await world.Payments.PendingAsync(GrainCluster.User, CancellationToken.None));
    }

    [Fact]
    public async Task A_charge_that_stripe_never_saw_is_made_by_the_task()
    {
        await using var world = await SetUpAsync();
        world.Stripe.Fault = call => call is { Method: "POST", Path: Intents } ? StripeFault.Drops : StripeFault.None;
        await world.User.TopUpAutomatically(Run);
        world.Stripe.Fault = _ => StripeFault.None;
        await world.SweepAsync();
        Assert.Equal(500, await world.Wallet.GetBalance());
        Assert.Single(world.Stripe.All("payment_intent"));
        Assert.Single(world.Stripe.Calls.Where(call => call is { Method: "POST", Path: Intents }).Select(call => call.Key).Distinct());
    }

    [Fact]
    public async Task A_charge_that_stripe_does_not_know_after_a_quarter_of_an_hour_has_failed()
    {
        await using var world = await SetUpAsync();
        world.Stripe.Fault = call => call is { Method: "POST", Path: Intents } ? StripeFault.Drops : StripeFault.None;
        await world.User.TopUpAutomatically(Run);
        world.Stripe.Fault = _ => StripeFault.None;
        await world.ExecuteAsync("UPDATE payments SET created_at = created_at - interval '16 minutes'");
        await world.SweepAsync();
        Assert.Equal(0, await world.Wallet.GetBalance());
        Assert.Equal([(FailedType, GrainCluster.User)], await world.ToldAsync());
        Assert.Empty(world.Stripe.All("payment_intent"));
    }

    [Fact]
    public async Task A_server_that_dies_after_the_charge_adds_the_credits_once_after_its_restart()
    {
        await using var world = await SetUpAsync();
        world.Cluster.Faults.OnLedger = _ => throw new IOException("The connection is broken.");
        await world.User.TopUpAutomatically(Run);
        await world.Cluster.KillAsync();
        world.Cluster.Faults.OnLedger = null;
        await world.Cluster.RestartAsync();

        await Task.WhenAll(world.SweepAsync(), world.User.TopUpAutomatically(Guid.NewGuid()), world.SendAsync("payment_intent.succeeded", world.Stripe.All("payment_intent").Single()["id"]!.GetValue<string>()));
        Assert.Equal(500, await world.Wallet.GetBalance());
        Assert.Single(world.Stripe.All("payment_intent"));
    }

    [Theory]
    [InlineData("succeeded", "payment_intent.succeeded", 500, 0)]
    [InlineData("requires_payment_method", "payment_intent.payment_failed", 0, 1)]
    public async Task A_charge_that_takes_time_is_ended_by_its_event(string status, string type, long balance, int told)
    {
        await using var world = await SetUpAsync();
        world.Stripe.NewPayments = "processing";
        await world.User.TopUpAutomatically(Run);
        await world.User.TopUpAutomatically(Guid.NewGuid());
        var intent = Assert.Single(world.Stripe.All("payment_intent"))["id"]!.GetValue<string>();
        Assert.Equal(0, await world.Wallet.GetBalance());

        world.Stripe.Set(intent, ("status", status));
        await world.SendAsync(type, intent);
        await world.SendAsync(type, intent);
        Assert.Equal((balance, told), (await world.Wallet.GetBalance(), (await world.ToldAsync()).Count));
        Assert.Empty(await world.Payments.PendingAsync(GrainCluster.User, CancellationToken.None));
    }

    [Theory]
    [InlineData(299, PaymentKind.Configured, 500, LedgerType.TopUp)]
    [InlineData(300, PaymentKind.CardCheck, 0, LedgerType.CardCheck)]
    public async Task Setting_it_up_buys_below_the_threshold_and_else_checks_a_card(long balance, string kind, long credits, string type)
    {
        await using var world = await SetUpAsync(balance, new AutoTopUp { Threshold = 0, Credits = 0 }, [("pm_bad", "Declined."), ("pm_good", null)]);
        var id = Guid.NewGuid();
        Assert.Equal(PaymentOutcome.Done, (await world.User.ConfigureAutoTopUp(id, Config)).Outcome);
        Assert.Equal(PaymentOutcome.Done, (await world.User.ConfigureAutoTopUp(id, Config)).Outcome);
        var row = await world.Payments.FindAsync(id, CancellationToken.None);
        Assert.Equal((kind, credits, PaymentStatus.Fulfilled), (row!.Kind, row.Credits, row.Status));
        Assert.Equal((type, credits, row.IntentId), (await world.LedgerAsync())[^1]);
        Assert.Equal((balance + credits, Config), (await world.Wallet.GetBalance(), await world.Wallet.GetAutoTopUp()));
    }

    [Fact]
    public async Task Setting_it_up_without_a_card_that_is_accepted_is_refused_and_changes_nothing()
    {
        await using var world = await SetUpAsync(0, new AutoTopUp { Threshold = 0, Credits = 0 }, cards: []);
        var answer = await world.User.ConfigureAutoTopUp(Guid.NewGuid(), Config);
        Assert.Equal((PaymentOutcome.Refused, CardPayments.NoCard), (answer.Outcome, answer.Reason));
        world.Stripe.SaveCard(GrainCluster.User, "pm_bad", "Declined.");
        answer = await world.User.ConfigureAutoTopUp(Guid.NewGuid(), Config);
        Assert.Equal((PaymentOutcome.Refused, "Out of payment methods to try. The last one: Declined."), (answer.Outcome, answer.Reason));
        Assert.Equal(new AutoTopUp { Threshold = 0, Credits = 0 }, await world.Wallet.GetAutoTopUp());
        Assert.Empty(await world.ToldAsync());
    }

    [Fact]
    public async Task Switching_it_off_needs_no_card_and_no_stripe()
    {
        await using var world = await SetUpAsync(cards: []);
        Assert.Equal(PaymentOutcome.Done, (await world.User.ConfigureAutoTopUp(Guid.NewGuid(), new AutoTopUp { Threshold = 0, Credits = 0 })).Outcome);
        Assert.Equal(new AutoTopUp { Threshold = 0, Credits = 0 }, await world.Wallet.GetAutoTopUp());
        Assert.Empty(world.Stripe.Calls);
    }

    [Fact]
    public async Task Setting_it_up_again_after_a_lost_answer_buys_once()
    {
        await using var world = await SetUpAsync(0, new AutoTopUp { Threshold = 0, Credits = 0 });
        world.Stripe.Fault = call => call is { Method: "POST", Path: Intents } ? StripeFault.DropsAfter : StripeFault.None;
        var id = Guid.NewGuid();
        Assert.Equal(PaymentOutcome.Unavailable, (await world.User.ConfigureAutoTopUp(id, Config)).Outcome);
        Assert.Equal(new AutoTopUp { Threshold = 0, Credits = 0 }, await world.Wallet.GetAutoTopUp());

        world.Stripe.Fault = _ => StripeFault.None;
        Assert.Equal(PaymentOutcome.Done, (await world.User.ConfigureAutoTopUp(Guid.NewGuid(), Config)).Outcome);
        Assert.Equal((500, Config), (await world.Wallet.GetBalance(), await world.Wallet.GetAutoTopUp()));
        Assert.Single(world.Stripe.All("payment_intent"));
    }

    [Fact]
    public async Task The_portal_is_that_of_the_customer_of_the_user()
    {
        await using var world = await SetUpAsync();
        var url = (await world.User.OpenPortal()).Url;
        Assert.Equal($"https://billing.stripe.test/{world.Stripe.All("customer").Single()["id"]}", url);
        Assert.Equal("https://platform.test/profile/credits", world.Stripe.Calls.Last().Form["return_url"]);
        await world.User.OpenPortal();
        Assert.Single(world.Stripe.All("customer"));
    }

    private static async Task<PaymentCluster> SetUpAsync(long balance = 0, AutoTopUp? config = null, (string Id, string? Decline)[]? cards = null)
    {
        var world = await PaymentCluster.StartAsync();
        foreach (var (id, decline) in cards ?? [("pm_1", null)]) world.Stripe.SaveCard(GrainCluster.User, id, decline);
        await world.Wallet.SetAutoTopUp(config ?? Config);
        if (balance > 0) await world.Wallet.Grant("gift", balance, "A gift");
        return world;
    }
}
