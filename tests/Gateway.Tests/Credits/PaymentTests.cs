using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Credits;

/// <summary>The routes of payments (contract: endpoints.tsv and errors.tsv, section Credits).</summary>
public sealed class PaymentTests(PaymentServer server) : IClassFixture<PaymentServer>
{
    [Theory]
    [InlineData(500)]
    [InlineData(600)]
    public async Task A_top_up_answers_the_page_of_its_checkout(int credits)
    {
        var answer = await server.Anybody().PostAsync("/api/credits", Amount(credits));
        Assert.Equal((200, "checkout_url"), (answer.Status, answer.Members));
        Assert.StartsWith("https://checkout.stripe.test/cs_", answer.Json.Text("checkout_url"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(499)]
    [InlineData(400)]
    [InlineData(550)]
    [InlineData(501)]
    [InlineData(0)]
    [InlineData(-500)]
    public async Task A_top_up_below_five_dollars_or_of_broken_dollars_is_refused(int credits)
    {
        var answer = await server.Anybody().PostAsync("/api/credits", Amount(credits));
        answer.IsError(400);
        Assert.Equal($"Top up amount must be at least 500 credits and multiple of 100 but is {credits}", answer.Detail);
    }

    [Fact]
    public async Task A_body_that_does_not_fit_is_refused()
    {
        var user = server.Anybody();
        Assert.Equal(["missing body.credit_amount"], (await user.PostAsync("/api/credits", new JsonObject())).Problems());
        Assert.Equal(["missing body.amount", "missing body.threshold"], (await user.PostAsync("/api/credits/auto-top-up", new JsonObject())).Problems().Order());
        Assert.Equal(["string_type body.reason"], (await user.PostAsync("/api/credits/x/refund", new JsonObject { ["reason"] = 1 })).Problems());
        Assert.Equal(401, (await server.With(null).PostAsync("/api/credits", Amount(500))).Status);
    }

    [Fact]
    public async Task A_checkout_that_was_paid_is_fulfilled_by_its_event_or_by_the_user_and_a_repeated_event_changes_nothing()
    {
        var (user, id) = New();
        var first = await CheckOutAsync(user);
        server.Stripe.Pay(first);
        var completed = server.Stripe.Event("checkout.session.completed", first);
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.SendAsync(completed, server.Stripe.Sign(completed)))))
            Assert.Equal((200, ""), (answer.Status, answer.Text));

        var second = await CheckOutAsync(user, 700);
        server.Stripe.Pay(second);
        var patched = await user.SendAsync(HttpMethod.Patch, "/api/credits");
        Assert.Equal((200, ""), (patched.Status, patched.Text));
        Assert.Equal(1200, await BalanceAsync(id));
    }

    [Fact]
    public async Task A_request_that_is_sent_again_with_its_key_opens_one_checkout()
    {
        var user = server.Anybody();
        var before = server.Stripe.All("checkout.session").Count;
        Task<Answer> SendAsync(int credits) => user.SendAsync(HttpMethod.Post, "/api/credits", Amount(credits).ToJsonString(), request => request.Headers.Add("Idempotency-Key", "checkout-1"));
        var first = await SendAsync(500);
        Assert.Equal((200, first.Text), ((await SendAsync(500)).Status, (await SendAsync(500)).Text));
        Assert.Equal(422, (await SendAsync(600)).Status);
        Assert.Equal(before + 1, server.Stripe.All("checkout.session").Count);
    }

    [Fact]
    public async Task An_event_with_a_bad_signature_or_body_is_refused()
    {
        var payload = server.Stripe.Event("checkout.session.completed", await CheckOutAsync(server.Anybody()));
        (await server.SendAsync(payload, null)).IsDetail(400);
        (await server.SendAsync(payload, "t=1,v1=2")).IsDetail(400);
        (await server.SendAsync(payload, server.Stripe.Sign(payload, "whsec_other"))).IsDetail(400);
        (await server.SendAsync(payload + "\n", server.Stripe.Sign(payload))).IsDetail(400);
        (await server.SendAsync("no event", server.Stripe.Sign("no event"))).IsDetail(400);
        var large = new string(' ', 1024 * 1024) + payload;
        (await server.SendAsync(large, server.Stripe.Sign(large))).IsDetail(400);
        Assert.Equal(200, (await server.SendAsync(payload, server.Stripe.Sign(payload, "whsec_second"))).Status);
    }

    [Theory]
    [InlineData(-1, 500, "Threshold must be")]
    [InlineData(100, 499, "Amount must be greater than or equal to 500")]
    [InlineData(100, -1, "Amount must be greater than or equal to 500")]
    [InlineData(501, 500, "Amount must be greater than or equal to threshold")]
    public async Task A_wrong_automatic_top_up_is_refused_with_a_text(int threshold, int amount, string detail)
    {
        var answer = await server.Anybody().PostAsync("/api/credits/auto-top-up", Config(threshold, amount));
        answer.IsDetail(422);
        Assert.StartsWith(detail, answer.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, 500)]
    [InlineData(100, 500)]
    [InlineData(100, 0)]
    public async Task An_automatic_top_up_at_the_limits_is_taken(int threshold, int amount)
    {
        var (user, id) = New();
        server.Stripe.SaveCard(id, "pm_1");
        var answer = await user.PostAsync("/api/credits/auto-top-up", Config(threshold, amount));
        Assert.Equal((200, "\"Auto top-up settings updated\""), (answer.Status, answer.Text));
        Assert.Equal($$"""{"amount":{{amount}},"threshold":{{threshold}}}""", (await user.GetAsync("/api/credits/auto-top-up")).Text);
        Assert.Equal(amount, await BalanceAsync(id));
    }

    [Fact]
    public async Task An_automatic_top_up_without_a_card_is_refused_and_switching_it_off_is_not()
    {
        var user = server.Anybody();
        var answer = await user.PostAsync("/api/credits/auto-top-up", Config(100, 500));
        answer.IsError(400);
        Assert.Equal("No payment method found, please add it on the platform.", answer.Detail);
        Assert.Equal(200, (await user.PostAsync("/api/credits/auto-top-up", Config(0, 0))).Status);
        Assert.Equal("""{"amount":0,"threshold":0}""", (await user.GetAsync("/api/credits/auto-top-up")).Text);
    }

    [Fact]
    public async Task The_automatic_top_up_is_told_as_in_the_snapshot()
    {
        var (user, id) = New();
        server.Stripe.SaveCard(id, "pm_1");
        await user.PostAsync("/api/credits/auto-top-up", Config(100, 500));
        var snapshot = await File.ReadAllTextAsync(SharedFiles.Contract(Path.Combine("snapshots", "cred_topup_cfg.json")), TestContext.Current.CancellationToken);
        Assert.Equal(JsonNode.Parse(snapshot)!.ToJsonString(), (await user.GetAsync("/api/credits/auto-top-up")).Text);
    }

    [Fact]
    public async Task The_page_for_cards_has_an_address()
    {
        var answer = await server.Anybody().GetAsync("/api/credits/manage");
        Assert.Equal((200, "url"), (answer.Status, answer.Members));
    }

    [Fact]
    public async Task A_refund_answers_what_was_refunded_and_is_in_the_list()
    {
        var user = server.Anybody();
        var key = await BuyAsync(user);
        var answer = await user.PostAsync($"/api/credits/{key}/refund", new JsonObject { ["reason"] = "Not needed" });
        Assert.Equal((200, "500"), (answer.Status, answer.Text));
        (await user.PostAsync($"/api/credits/{key}/refund", new JsonObject())).IsError(400);

        var large = await BuyAsync(user, 1000);
        Assert.Equal("0", (await user.PostAsync($"/api/credits/{large}/refund", new JsonObject())).Text);
        var requests = (await user.GetAsync("/api/credits/refunds")).Json.EnumerateArray().ToList();
        Assert.Equal([(large, "PENDING", "", 1000), (key, "APPROVED", "Not needed", 500)], requests.Select(request => (request.Text("transaction_key"), request.Text("status"), request.Text("reason"), request.GetProperty("amount").GetInt32())));
        Assert.Equal(["id", "user_id", "transaction_key", "amount", "reason", "result", "status", "created_at", "updated_at"], requests[0].EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task The_list_of_refunds_has_the_newest_hundred()
    {
        var (user, id) = New();
        await using var command = server.Database.DataSource.CreateCommand(
            """
            INSERT INTO refund_requests (id, user_id, transaction_key, amount, reason, status, created_at, updated_at)
            SELECT gen_random_uuid(), $1, number::text, 500, '', 'PENDING', now() - number * interval '1 day', now() FROM generate_series(1, 101) AS number
            """);
        command.Parameters.AddWithValue(id);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var requests = (await user.GetAsync("/api/credits/refunds")).Json.EnumerateArray().Select(request => request.Text("transaction_key"));

        Assert.Equal(Enumerable.Range(1, 100).Select(number => $"{number}"), requests);
    }

    [Fact]
    public async Task A_refund_of_what_the_user_has_not_bought_is_answered_as_in_the_contract()
    {
        var key = await BuyAsync(server.Anybody());
        var thief = server.Anybody();
        (await thief.PostAsync($"/api/credits/{key}/refund", new JsonObject())).IsError(500);
        Assert.Equal("[]", (await thief.GetAsync("/api/credits/refunds")).Text);
    }

    private static JsonObject Amount(int credits) => new() { ["credit_amount"] = credits };

    private static JsonObject Config(int threshold, int amount) => new() { ["threshold"] = threshold, ["amount"] = amount };

    private (ApiClient User, string Id) New()
    {
        var id = Guid.NewGuid().ToString();
        return (server.For(id), id);
    }

    private static async Task<string> CheckOutAsync(ApiClient user, int credits = 500)
    {
        var answer = await user.PostAsync("/api/credits", Amount(credits));
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json.Text("checkout_url")!.Split('/')[^1];
    }

    private async Task<string> BuyAsync(ApiClient user, int credits = 500)
    {
        var intent = server.Stripe.Pay(await CheckOutAsync(user, credits))!;
        Assert.Equal(200, (await user.SendAsync(HttpMethod.Patch, "/api/credits")).Status);
        return intent;
    }

    private Task<long> BalanceAsync(string user) => server.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserWalletGrain>(user).GetBalance();
}

/// <summary>A server without Stripe names what is missing.</summary>
public sealed class UnpaidServerTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task What_needs_stripe_names_the_setting_that_is_missing_and_the_rest_works()
    {
        var user = server.Anybody();
        var answers = new[]
        {
            await user.PostAsync("/api/credits", new JsonObject { ["credit_amount"] = 500 }),
            await user.PostAsync("/api/credits/auto-top-up", new JsonObject { ["threshold"] = 100, ["amount"] = 500 }),
            await user.GetAsync("/api/credits/manage"),
            await user.PostAsync("/api/credits/x/refund", new JsonObject()),
        };
        foreach (var answer in answers)
        {
            answer.IsError(503);
            Assert.Contains("STRIPE_API_KEY", answer.Detail, StringComparison.Ordinal);
        }

        var webhook = await server.With(null).PostAsync("/api/credits/stripe_webhook", new JsonObject());
        webhook.IsError(503);
        Assert.Contains("STRIPE_WEBHOOK_SECRET", webhook.Detail, StringComparison.Ordinal);
        Assert.Equal("""{"amount":0,"threshold":0}""", (await user.GetAsync("/api/credits/auto-top-up")).Text);
        Assert.Equal("[]", (await user.GetAsync("/api/credits/refunds")).Text);
        Assert.Equal(200, (await user.SendAsync(HttpMethod.Patch, "/api/credits")).Status);
        Assert.Equal(200, (await user.PostAsync("/api/credits/auto-top-up", new JsonObject { ["threshold"] = 0, ["amount"] = 0 })).Status);
    }
}
