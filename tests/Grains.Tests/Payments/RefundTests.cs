using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Users;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Payments;

/// <summary>Refunds and disputes (contract: semantics 3.8, decisions 10, 12 and 18).</summary>
public sealed class RefundTests
{
    private static readonly string[] Administrators = ["refunds"];

    [Theory]
    [InlineData(900, 0, true)]
    [InlineData(1000, 0, false)]
    [InlineData(900, 500, true)]
    [InlineData(900, 501, false)]
    public async Task A_refund_below_ten_dollars_is_made_at_once_unless_more_than_five_dollars_of_it_are_spent(long credits, long spent, bool isAutomatic)
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync(credits);
        if (spent > 0) await world.SpendAsync(spent);

        var answer = await world.User.RequestRefund(Guid.NewGuid(), key, "I do not need them.");

        Assert.Equal((PaymentOutcome.Done, isAutomatic ? credits : 0), (answer.Outcome, answer.Credits));
        Assert.Equal(isAutomatic ? 1 : 0, world.Stripe.All("refund").Count);
        Assert.Equal(isAutomatic ? 0 : credits - spent, await world.Wallet.GetBalance());
        var request = Assert.Single(await world.Payments.RefundsAsync(GrainCluster.User, 100, CancellationToken.None));
        Assert.Equal((key, credits, "I do not need them.", isAutomatic ? RefundStatus.Approved : RefundStatus.Pending), (request.TransactionKey, request.Amount, request.Reason, request.Status));
        Assert.Equal(
            isAutomatic ? [(Refunds.ProcessedType, "refunds"), (Refunds.ProcessedType, GrainCluster.User)] : [(Refunds.RequestType, "refunds")],
            await world.ToldAsync());
    }

    [Fact]
    public async Task What_is_told_of_a_refund_has_the_members_of_the_contract()
    {
        await using var world = await PaymentCluster.StartAsync();
        await new UserStore(new Database(world.Cluster.Database.DataSource)).EnsureAsync(GrainCluster.User, "user@example.com", "Ada", DateTimeOffset.UnixEpoch, CancellationToken.None);
        var key = await world.BuyAsync(1000);
        await world.User.RequestRefund(Guid.NewGuid(), key, "Why not");
        var data = Assert.Single(await world.DataAsync(Refunds.RequestType));
        Assert.Equal(
            ["user_id", "user_name", "user_email", "transaction_id", "refund_request_id", "reason", "amount", "balance"], data.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("Ada", "user@example.com", key, "Why not", 1000, 1000), (data.Text("user_name"), data.Text("user_email"), data.Text("transaction_id"), data.Text("reason"), data.Number("amount"), data.Number("balance")));
    }

    [Fact]
    public async Task A_transaction_has_one_request_and_the_same_request_again_has_the_same_answer()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (first, second) = (await world.BuyAsync(), await world.BuyAsync());
        var id = Guid.NewGuid();
        Assert.Equal(500, (await world.User.RequestRefund(id, first, "")).Credits);
        Assert.Equal(500, (await world.User.RequestRefund(id, first, "")).Credits);
        Assert.Equal(PaymentOutcome.Refused, (await world.User.RequestRefund(Guid.NewGuid(), first, "")).Outcome);
        // The reference allows one a week.
        Assert.Equal(500, (await world.User.RequestRefund(Guid.NewGuid(), second, "")).Credits);
        Assert.Equal(2, world.Stripe.All("refund").Count);
        Assert.Equal(0, await world.Wallet.GetBalance());
    }

    [Fact]
    public async Task Nobody_gets_the_money_of_others_or_of_what_was_not_bought()
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        await world.Wallet.Grant("gift", 100, "A gift");
        Assert.Equal(PaymentOutcome.NotFound, (await world.Of("thief").RequestRefund(Guid.NewGuid(), key, "")).Outcome);
        Assert.Equal(PaymentOutcome.NotFound, (await world.User.RequestRefund(Guid.NewGuid(), "gift", "")).Outcome);
        Assert.Equal(PaymentOutcome.NotFound, (await world.User.RequestRefund(Guid.NewGuid(), "unknown", "")).Outcome);

        var (_, free) = await world.CheckOutAsync();
        world.Stripe.Pay(free, isFree: true);
        await world.SendAsync("checkout.session.completed", free);
        Assert.Equal(PaymentOutcome.Refused, (await world.User.RequestRefund(Guid.NewGuid(), free, "")).Outcome);
        Assert.Empty(world.Stripe.All("refund"));
        Assert.Empty(await world.Payments.RefundsAsync("thief", 100, CancellationToken.None));
    }

    [Fact]
    public async Task A_refund_that_takes_time_is_deducted_when_it_has_succeeded()
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        world.Stripe.NewRefunds = "pending";
        Assert.Equal(500, (await world.User.RequestRefund(Guid.NewGuid(), key, "")).Credits);
        var refund = world.Stripe.All("refund").Single()["id"]!.GetValue<string>();
        await world.SendAsync("refund.created", refund);
        Assert.Equal(500, await world.Wallet.GetBalance());

        world.Stripe.Set(refund, ("status", "succeeded"));
        await Task.WhenAll(world.SendAsync("refund.updated", refund), world.SendAsync("refund.updated", refund), world.SendAsync("refund.created", refund));
        Assert.Equal([(LedgerType.TopUp, 500L, key), (LedgerType.Refund, -500L, refund)], await world.LedgerAsync());
        Assert.Equal(RefundStatus.Approved, (await world.Payments.FindRefundAsync(GrainCluster.User, key, CancellationToken.None))!.Status);
    }

    [Fact]
    public async Task A_refund_that_comes_before_its_payment_is_known_makes_both_count()
    {
        await using var world = await PaymentCluster.StartAsync();
        var (_, session) = await world.CheckOutAsync();
        var intent = world.Stripe.Pay(session)!;
        var refund = world.Stripe.Refund(intent, 200);
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync("refund.created", refund)).Outcome);
        await world.SendAsync("checkout.session.completed", session);
        Assert.Equal([(LedgerType.TopUp, 500L, intent), (LedgerType.Refund, -200L, refund)], await world.LedgerAsync());
        Assert.Equal(300, await world.Wallet.GetBalance());
    }

    [Fact]
    public async Task A_refund_that_the_provider_refuses_is_a_row_with_its_reason_and_events()
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        world.Stripe.NewRefunds = "failed";
        var answer = await world.User.RequestRefund(Guid.NewGuid(), key, "");
        Assert.Equal((PaymentOutcome.Refused, "The payment provider could not return the money."), (answer.Outcome, answer.Reason));
        Assert.Equal(500, await world.Wallet.GetBalance());
        var request = await world.Payments.FindRefundAsync(GrainCluster.User, key, CancellationToken.None);
        Assert.Equal((RefundStatus.Rejected, answer.Reason, null), (request!.Status, request.Result, request.DueAt));
        Assert.Equal([(Refunds.FailedType, "refunds"), (Refunds.FailedType, GrainCluster.User)], await world.ToldAsync());
    }

    [Theory]
    [InlineData(StripeFault.Drops)]
    [InlineData(StripeFault.DropsAfter)]
    [InlineData(StripeFault.FailsAfter)]
    public async Task A_refund_whose_answer_is_lost_is_made_once(StripeFault fault)
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        world.Stripe.Fault = call => call is { Method: "POST", Path: "/v1/refunds" } ? fault : StripeFault.None;
        var answer = await world.User.RequestRefund(Guid.NewGuid(), key, "");
        Assert.Equal((PaymentOutcome.Done, 0), (answer.Outcome, answer.Credits));
        Assert.Equal(500, await world.Wallet.GetBalance());

        world.Stripe.Fault = _ => StripeFault.None;
        await world.SweepAsync();
        Assert.Single(world.Stripe.All("refund"));
        Assert.Equal(0, await world.Wallet.GetBalance());
        Assert.Equal(RefundStatus.Approved, (await world.Payments.FindRefundAsync(GrainCluster.User, key, CancellationToken.None))!.Status);
    }

    [Fact]
    public async Task A_server_that_dies_between_the_refund_and_the_ledger_deducts_it_once()
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        world.Cluster.Faults.OnLedger = _ => throw new IOException("The connection is broken.");
        await Assert.ThrowsAnyAsync<Exception>(() => world.User.RequestRefund(Guid.NewGuid(), key, ""));
        await world.Cluster.KillAsync();
        world.Cluster.Faults.OnLedger = null;
        await world.Cluster.RestartAsync();

        var refund = world.Stripe.All("refund").Single()["id"]!.GetValue<string>();
        await Task.WhenAll(world.SweepAsync(), world.SendAsync("refund.created", refund));
        Assert.Equal([(LedgerType.TopUp, 500L, key), (LedgerType.Refund, -500L, refund)], await world.LedgerAsync());
        Assert.Equal(RefundStatus.Approved, (await world.Payments.FindRefundAsync(GrainCluster.User, key, CancellationToken.None))!.Status);
    }

    [Fact]
    public async Task A_refund_larger_than_the_balance_takes_what_is_there_and_tells_the_administrators_the_rest()
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        await world.SpendAsync(400);
        Assert.Equal(500, (await world.User.RequestRefund(Guid.NewGuid(), key, "")).Credits);
        var row = (await world.Cluster.LedgerOfAsync()).Single(row => row.Type == LedgerType.Refund);
        Assert.Equal((-100L, 400L, 0L), (row.Amount, row.Shortfall, row.RunningBalance));
        Assert.Equal([400], (await world.DataAsync(Refunds.ProcessedType)).Where(data => data.TryGetProperty("shortfall", out _)).Select(data => data.Number("shortfall")));
    }

    [Fact]
    public async Task A_refund_that_fails_after_it_had_succeeded_gives_the_credits_back_once()
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        await world.User.RequestRefund(Guid.NewGuid(), key, "");
        var refund = world.Stripe.All("refund").Single()["id"]!.GetValue<string>();
        world.Stripe.Set(refund, ("status", "failed"), ("failure_reason", "lost_or_stolen_card"));
        await world.SendAsync("refund.failed", refund);
        await world.SendAsync("refund.updated", refund);
        Assert.Equal(500, await world.Wallet.GetBalance());
        Assert.Equal(3, (await world.LedgerAsync()).Count);
        Assert.Equal(RefundStatus.Rejected, (await world.Payments.FindRefundAsync(GrainCluster.User, key, CancellationToken.None))!.Status);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(500, true)]
    [InlineData(501, false)]
    [InlineData(0, false)]
    public async Task A_refund_from_the_dashboard_is_deducted_when_it_is_not_larger_than_the_top_up(long amount, bool isDeducted)
    {
        await using var world = await PaymentCluster.StartAsync();
        var refund = world.Stripe.Refund(await world.BuyAsync(), amount);
        Assert.Equal(PaymentOutcome.Done, (await world.SendAsync("refund.created", refund, "evt_one")).Outcome);
        Assert.Equal(isDeducted ? 500 - amount : 500, await world.Wallet.GetBalance());
        Assert.Equal(isDeducted, (await world.Inbox.FindAsync("evt_one", CancellationToken.None))!.Error is null);
    }

    [Fact]
    public async Task Fifty_deliveries_of_a_refund_at_once_deduct_it_once()
    {
        await using var world = await PaymentCluster.StartAsync();
        var refund = world.Stripe.Refund(await world.BuyAsync(), 300);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => world.SendAsync(i % 2 == 0 ? "refund.created" : "refund.updated", refund, $"evt_{i % 10}")));
        Assert.Equal(200, await world.Wallet.GetBalance());
        Assert.Equal(2, (await world.LedgerAsync()).Count);
        Assert.Equal([.. Administrators, GrainCluster.User], (await world.ToldAsync()).Select(told => told.To));
    }

    [Theory]
    [InlineData(1000, "lost")]
    [InlineData(999, "under_review")]
    public async Task A_dispute_is_accepted_when_it_leaves_the_tolerance_and_else_contested(long balance, string status)
    {
        await using var world = await PaymentCluster.StartAsync();
        await new UserStore(new Database(world.Cluster.Database.DataSource)).EnsureAsync(GrainCluster.User, "user@example.com", null, DateTimeOffset.UnixEpoch, CancellationToken.None);
        var key = await world.BuyAsync();
        await world.Wallet.Grant("gift", balance - 500, "A gift");
        var dispute = world.Stripe.Dispute(key, 500);
        await world.SendAsync("charge.dispute.created", dispute);
        // Once more by another event: it is answered.
        await world.SendAsync("charge.dispute.created", dispute);
        Assert.Equal(status, world.Stripe.Find(dispute)["status"]!.GetValue<string>());
        if (status != "under_review") return;
        Assert.Equal(1, world.Stripe.Count("POST", $"/v1/disputes/{dispute}"));
        var evidence = world.Stripe.Find(dispute)["evidence"]!;
        Assert.Equal("user@example.com", evidence["customer_email_address"]!.GetValue<string>());
        var text = evidence["uncategorized_text"]!.GetValue<string>();
        Assert.Contains("TOP_UP 500 credits", text, StringComparison.Ordinal);
        Assert.Contains("The balance is 999 credits now", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_is_cut_at_twenty_thousand_characters()
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        foreach (var i in Enumerable.Range(0, 450)) await world.Wallet.Grant($"gift {i}", 1, "A gift");
        await world.SpendAsync(950);
        var dispute = world.Stripe.Dispute(key, 500);
        await world.SendAsync("charge.dispute.created", dispute);
        Assert.Equal(20_000, world.Stripe.Find(dispute)["evidence"]!["uncategorized_text"]!.GetValue<string>().Length);
    }

    [Theory]
    [InlineData("lost", 0)]
    [InlineData("won", 500)]
    [InlineData("warning_closed", 500)]
    public async Task A_dispute_that_is_lost_is_deducted_under_its_id(string status, long balance)
    {
        await using var world = await PaymentCluster.StartAsync();
        var key = await world.BuyAsync();
        var dispute = world.Stripe.Dispute(key, 500);
        world.Stripe.Set(dispute, ("status", status));
        await world.SendAsync("charge.dispute.closed", dispute);
        await world.SendAsync("charge.dispute.closed", dispute);
        // The opening that comes late finds the dispute closed.
        await world.SendAsync("charge.dispute.created", dispute);
        Assert.Equal(balance, await world.Wallet.GetBalance());
        if (balance == 0) Assert.Equal((LedgerType.Refund, -500L, dispute), (await world.LedgerAsync())[^1]);
    }
}

internal static class JsonMembers
{
    public static string? Text(this System.Text.Json.JsonElement element, string name) => element.GetProperty(name).GetString();

    public static long Number(this System.Text.Json.JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
