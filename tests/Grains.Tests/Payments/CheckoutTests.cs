using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Billing;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Payments;

/// <summary>Checkouts (contract: semantics 3.7), and the events that end them.</summary>
public sealed class CheckoutTests
{
    private const string Completed = "checkout.session.completed";

    [Fact]
    public async Task A_checkout_is_for_the_customer_of_the_user_saves_the_card_and_leads_back_to_the_credits()
    {
        await using var world = await PaymentCluster.StartAsync();
        var answer = await world.User.StartCheckout(Guid.NewGuid(), 1200);
        var call = Assert.Single(world.Stripe.Calls, call => call.Path == "/v1/checkout/sessions");
        var customer = Assert.Single(world.Stripe.All("customer"));
        Assert.Equal(GrainCluster.User, customer["metadata"]!["user_id"]!.GetValue<string>());
        Assert.StartsWith("https://checkout.stripe.test/cs_", answer.Url, StringComparison.Ordinal);
        Assert.Equal(
            (customer["id"]!.GetValue<string>(), "1200", "1", "usd", "payment", "off_session", "true"),
            (call.Form["customer"], call.Form["line_items[0][price_data][unit_amount]"], call.Form["line_items[0][quantity]"], call.Form["line_items[0][price_data][currency]"], call.Form["mode"],
                call.Form["payment_intent_data[setup_future_usage]"], call.Form["allow_promotion_codes"]));
        Assert.Equal(
            ("https://platform.test/profile/credits?topup=success", "https://platform.test/profile/credits?topup=cancel"), (call.Form["success_url"], call.Form["cancel_url"]));
    }

    [Fact]
    public async Task A_paid_checkout_adds_its_credits_under_the_key_of_its_payment_intent_once_whatever_is_repeated()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (payment, session) = await world.CheckOutAsync();
        Assert.Equal(0, await world.Wallet.GetBalance());
        var intent = world.Stripe.Pay(session)!;
        var completed = world.Stripe.Event(Completed, session);

        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync(completed)).Outcome);
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync(completed)).Outcome);
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync("checkout.session.async_payment_succeeded", session)).Outcome);
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync("payment_intent.succeeded", intent)).Outcome);
        Assert.Equal(PaymentOutcome.Done, (await world.User.FulfilCheckout()).Outcome);

        Assert.Equal([(LedgerType.TopUp, 500L, intent)], await world.LedgerAsync());
        var row = await world.Payments.FindAsync(payment, CancellationToken.None);
        Assert.Equal((PaymentStatus.Fulfilled, intent, null), (row!.Status, row.TransactionKey, row.DueAt));
    }

    [Fact]
    public async Task Fifty_deliveries_of_one_event_at_once_add_the_credits_once()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        var intent = world.Stripe.Pay(session)!;
        var completed = world.Stripe.Event(Completed, session, "evt_one");

        var receipts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => world.SendAsync(completed)));

        Assert.All(receipts, receipt => Assert.Equal(PaymentOutcome.Done, receipt.Outcome));
        Assert.Equal([(LedgerType.TopUp, 500L, intent)], await world.LedgerAsync());
        Assert.NotNull((await world.Inbox.FindAsync("evt_one", CancellationToken.None))!.ProcessedAt);
    }

    [Fact]
    public async Task A_checkout_that_a_promotion_pays_for_has_its_session_as_its_key()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        world.Stripe.Pay(session, isFree: true);
        await world.SendAsync(Completed, session);
        Assert.Equal([(LedgerType.TopUp, 500L, session)], await world.LedgerAsync());
    }

    [Fact]
    public async Task A_checkout_that_is_completed_and_not_paid_adds_nothing_until_the_payment_has_come()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        world.Stripe.Set(session, ("status", "complete"));
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync(Completed, session)).Outcome);
        Assert.Empty(await world.LedgerAsync());

        world.Stripe.Pay(session);
        await world.SendAsync("checkout.session.async_payment_succeeded", session);
        Assert.Equal(500, await world.Wallet.GetBalance());
    }

    [Fact]
    public async Task What_an_event_says_does_not_count_but_what_stripe_says_now()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        var forged = world.Stripe.Event(Completed, session).Replace("\"unpaid\"", "\"paid\"", StringComparison.Ordinal);
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync(forged)).Outcome);
        Assert.Empty(await world.LedgerAsync());
    }

    [Fact]
    public async Task The_user_can_have_his_newest_checkout_looked_at()
    {
        await using var world = await PaymentCluster.StartAsync();
        Assert.Equal(PaymentOutcome.Done, (await world.User.FulfilCheckout()).Outcome);
        await world.CheckOutAsync(500);
        var (_, newest) = await world.CheckOutAsync(700);

        Assert.Equal(PaymentOutcome.Done, (await world.User.FulfilCheckout()).Outcome);
        Assert.Empty(await world.LedgerAsync());
        var intent = world.Stripe.Pay(newest)!;
        await Task.WhenAll(world.User.FulfilCheckout(), world.SendAsync(Completed, newest), world.User.FulfilCheckout());
        Assert.Equal([(LedgerType.TopUp, 700L, intent)], await world.LedgerAsync());
    }

    [Fact]
    public async Task A_checkout_that_expired_has_failed_and_money_that_comes_nevertheless_counts()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (payment, session) = await world.CheckOutAsync();
        world.Stripe.Set(session, ("status", "expired"));
        await world.SweepAsync();
        var row = await world.Payments.FindAsync(payment, CancellationToken.None);
        Assert.Equal((PaymentStatus.Failed, "The page was not used before it expired."), (row!.Status, row.Reason));

        world.Stripe.Pay(session);
        await world.SendAsync(Completed, session);
        Assert.Equal(500, await world.Wallet.GetBalance());
    }

    [Theory]
    [InlineData(StripeFault.Busy)]
    [InlineData(StripeFault.Fails)]
    [InlineData(StripeFault.Drops)]
    [InlineData(StripeFault.DropsAfter)]
    public async Task A_call_that_fails_in_passing_is_repeated_and_makes_one_session(StripeFault fault)
    {
        await using var world = await PaymentCluster.StartAsync();
        var times = 0;
        world.Stripe.Fault = call => call.Path == "/v1/checkout/sessions" && Interlocked.Increment(ref times) <= 3 ? fault : StripeFault.None;
        await world.CheckOutAsync();
        Assert.Equal(4, world.Stripe.Count("POST", "/v1/checkout/sessions"));
        Assert.Single(world.Stripe.All("checkout.session"));
        Assert.Single(world.Stripe.Calls.Where(call => call.Path == "/v1/checkout/sessions").Select(call => call.Key).Distinct());
    }

    [Fact]
    public async Task A_checkout_whose_answer_is_lost_for_good_is_found_when_it_is_paid()
    {
        await using var world = await PaymentCluster.StartAsync();
        world.Stripe.Fault = call => call.Path == "/v1/checkout/sessions" ? StripeFault.DropsAfter : StripeFault.None;
        var id = Guid.NewGuid();
        Assert.Equal(PaymentOutcome.Unavailable, (await world.User.StartCheckout(id, 500)).Outcome);
        world.Stripe.Fault = _ => StripeFault.None;
        var session = Assert.Single(world.Stripe.All("checkout.session"))["id"]!.GetValue<string>();

        // The request again has the same page.
        Assert.EndsWith(session, (await world.User.StartCheckout(id, 500)).Url, StringComparison.Ordinal);
        await world.ExecuteAsync("UPDATE payments SET session_id = NULL");
        var intent = world.Stripe.Pay(session)!;
        await world.SendAsync(Completed, session);
        Assert.Equal([(LedgerType.TopUp, 500L, intent)], await world.LedgerAsync());
    }

    [Fact]
    public async Task A_server_that_dies_between_payment_and_ledger_adds_the_credits_once_after_its_restart()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (payment, session) = await world.CheckOutAsync();
        var intent = world.Stripe.Pay(session)!;
        var completed = world.Stripe.Event(Completed, session, "evt_one");
        world.Cluster.Faults.OnLedger = _ => throw new IOException("The connection is broken.");

        Assert.Equal(PaymentOutcome.Unavailable, (await world.SendAsync(completed)).Outcome);
        await world.Cluster.KillAsync();
        world.Cluster.Faults.OnLedger = null;
        Assert.Equal(PaymentStatus.Pending, (await world.Payments.FindAsync(payment, CancellationToken.None))!.Status);
        await world.Cluster.RestartAsync();

        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync(completed)).Outcome);
        await world.SweepAsync();
        Assert.Equal([(LedgerType.TopUp, 500L, intent)], await world.LedgerAsync());
    }

    [Fact]
    public async Task A_server_that_dies_between_ledger_and_payment_row_adds_the_credits_once()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (payment, session) = await world.CheckOutAsync();
        var intent = world.Stripe.Pay(session)!;
        world.Cluster.Faults.OnLedger = async apply =>
        {
            await apply();
            throw new IOException("The answer is lost.");
        };
        Assert.Equal(PaymentOutcome.Unavailable, (await world.SendAsync(Completed, session, "evt_one")).Outcome);
        await world.Cluster.KillAsync();
        world.Cluster.Faults.OnLedger = null;
        await world.Cluster.RestartAsync();

        await world.SweepAsync();
        Assert.Equal([(LedgerType.TopUp, 500L, intent)], await world.LedgerAsync());
        Assert.Equal(PaymentStatus.Fulfilled, (await world.Payments.FindAsync(payment, CancellationToken.None))!.Status);
        Assert.NotNull((await world.Inbox.FindAsync("evt_one", CancellationToken.None))!.ProcessedAt);
    }

    [Fact]
    public async Task An_event_that_comes_while_stripe_is_away_is_processed_later_also_when_it_is_not_sent_again()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        world.Stripe.Pay(session);
        world.Stripe.Fault = _ => StripeFault.Fails;
        var receipt = await world.SendAsync(Completed, session, "evt_one");
        Assert.Equal(PaymentOutcome.Unavailable, receipt.Outcome);
        Assert.Equal(1, (await world.Inbox.FindAsync("evt_one", CancellationToken.None))!.Attempts);

        world.Stripe.Fault = _ => StripeFault.None;
        await world.SweepAsync();
        Assert.Equal(500, await world.Wallet.GetBalance());
        Assert.Equal((null, true), ((await world.Inbox.FindAsync("evt_one", CancellationToken.None))!.DueAt, (await world.Inbox.FindAsync("evt_one", CancellationToken.None))!.ProcessedAt is not null));
    }

    [Fact]
    public async Task Without_an_event_the_task_finds_the_payment()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        world.Stripe.Pay(session);
        await world.SweepAsync();
        Assert.Equal(500, await world.Wallet.GetBalance());
    }

    [Fact]
    public async Task Any_of_the_secrets_signs_while_they_rotate_and_no_other()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        var payload = world.Stripe.Event(Completed, session);
        var grain = world.Cluster.Grains.GetGrain<IStripeEventsGrain>(0);
        Assert.Equal(PaymentOutcome.Done, (await grain.Receive(payload, world.Stripe.Sign(payload))).Outcome);
        Assert.Equal(PaymentOutcome.Done, (await grain.Receive(payload, world.Stripe.Sign(payload, "whsec_second"))).Outcome);
        foreach (var signature in new[] { null, "", "nonsense", "t=abc,v1=00", "v1=00", world.Stripe.Sign(payload, "whsec_third"), world.Stripe.Sign(payload + " ") })
            Assert.Equal(PaymentOutcome.Refused, (await grain.Receive(payload, signature)).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id": "evt_1", "type": "checkout.session.completed", "data": {}}""")]
    [InlineData("""{"id": 5, "type": "checkout.session.completed", "data": {"object": {"id": "cs_1"}}}""")]
    public async Task A_body_that_is_no_event_is_refused_although_it_is_signed(string payload)
    {
        await using var world = await PaymentCluster.StartAsync();
        Assert.Equal(PaymentOutcome.Refused, (await world.SendAsync(payload)).Outcome);
    }

    [Theory]
    [InlineData(300, PaymentOutcome.Done)]
    [InlineData(301, PaymentOutcome.Refused)]
    public async Task A_signature_counts_for_three_hundred_seconds(int seconds, PaymentOutcome expected)
    {
        var clock = new ManualClock();
        await using var world = await PaymentCluster.StartAsync(clock);
        var (_, session) = await world.CheckOutAsync();
        var payload = world.Stripe.Event(Completed, session);
        var signature = world.Stripe.Sign(payload, age: TimeSpan.FromSeconds(seconds));
        Assert.Equal(expected, (await world.Cluster.Grains.GetGrain<IStripeEventsGrain>(0).Receive(payload, signature)).Outcome);
    }

    [Fact]
    public async Task Events_of_other_types_are_taken_and_not_stored_and_those_about_other_things_change_nothing()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync("invoice.paid", session, "evt_other")).Outcome);
        Assert.Null(await world.Inbox.FindAsync("evt_other", CancellationToken.None));

        const string Foreign = """{"id": "evt_foreign", "type": "checkout.session.completed", "api_version": "2099-01-01", "data": {"object": {"id": "cs_of_a_shop", "new": [{}]}}}""";
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync(Foreign)).Outcome);
        Assert.Equal("It is about nothing that was bought here.", (await world.Inbox.FindAsync("evt_foreign", CancellationToken.None))!.Error);
        Assert.Empty(await world.LedgerAsync());
    }

    [Fact]
    public async Task Events_that_were_processed_a_month_ago_are_deleted()
    {
        await using var world = await PaymentCluster.StartAsync();
        await world.BuyAsync();
        await world.ExecuteAsync("UPDATE stripe_events SET processed_at = now() - interval '29 days', id = 'young'");
        await world.SweepAsync();
        Assert.NotNull(await world.Inbox.FindAsync("young", CancellationToken.None));
        await world.ExecuteAsync("UPDATE stripe_events SET processed_at = now() - interval '31 days'");
        await world.SweepAsync();
        Assert.Null(await world.Inbox.FindAsync("young", CancellationToken.None));
    }

    [Fact]
    public async Task A_wrong_key_of_the_server_is_named_and_shown_to_nobody()
    {
        await using var world = await PaymentCluster.StartAsync(options: options => options.StripeApiKey = "sk_test_wrong");
        var answer = await world.User.StartCheckout(Guid.NewGuid(), 500);
        Assert.Equal((PaymentOutcome.Refused, "Stripe refuses the key of this server; see STRIPE_API_KEY."), (answer.Outcome, answer.Reason));
        Assert.DoesNotContain("sk_test_wrong", world.Cluster.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_setting_the_answer_names_it()
    {
        await using var world = await PaymentCluster.StartAsync(options: options =>
        {
            options.FrontendBaseUrl = null;
            options.StripeWebhookSecret = " , ";
        });
        var checkout = await world.User.StartCheckout(Guid.NewGuid(), 500);
        Assert.Equal(PaymentOutcome.NotConfigured, checkout.Outcome);
        Assert.Contains("FRONTEND_BASE_URL", checkout.Reason, StringComparison.Ordinal);
        var receipt = await world.SendAsync("{}");
        Assert.Equal(PaymentOutcome.NotConfigured, receipt.Outcome);
        Assert.Contains("STRIPE_WEBHOOK_SECRET", receipt.Reason, StringComparison.Ordinal);
    }
}
