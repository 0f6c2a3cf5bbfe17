using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Credits;

/// <summary>Balance, history and administration of credits over REST (contract: semantics 3.9).</summary>
public sealed class CreditTests(CreditServer server) : IClassFixture<CreditServer>
{
    private static readonly string[] AllMembers =
    [
        "transaction_key", "transaction_time", "transaction_type", "amount", "running_balance", "current_balance", "description", "usage_graph_id", "usage_execution_id",
        "usage_node_count", "usage_start_time", "user_id", "user_email", "reason", "admin_email", "extra_data", "id", "activity_type", "charges",
    ];

    private readonly string _user = Guid.NewGuid().ToString();

    private ApiClient User => server.For(_user);

    private ApiClient Admin => server.For("admin-" + _user, "admin");

    [Fact]
    public async Task A_new_user_has_the_grant_of_the_month()
    {
        Assert.Equal("""{"credits":1500}""", (await User.GetAsync("/api/credits")).Text);

        var history = (await User.GetAsync("/api/credits/transactions")).Json;
        var entry = Assert.Single(history.GetProperty("transactions").EnumerateArray());
        Assert.Equal(AllMembers, entry.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("GRANT", "GRANT Transaction", 1500, 1500), (entry.Text("transaction_type"), entry.Text("description"), entry.GetProperty("amount").GetInt32(), entry.GetProperty("running_balance").GetInt32()));
        Assert.StartsWith("MONTHLY-CREDIT-TOP-UP-", entry.Text("transaction_key"), StringComparison.Ordinal);
        Assert.Equal("9999-12-31T23:59:59.999999Z", entry.Text("usage_start_time"));
        Assert.Equal((0, 0), (entry.GetProperty("usage_node_count").GetInt32(), entry.GetProperty("current_balance").GetInt32()));
        Assert.Equal(JsonValueKind.Null, history.GetProperty("next_transaction_time").ValueKind);
    }

    [Fact]
    public async Task The_charges_of_a_run_are_one_entry_and_a_settlement_is_no_node()
    {
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        await User.GetAsync("/api/credits");
        await SpendAsync("a", 10, one);
        await SpendAsync("b", 20, two);
        await SpendAsync("c", 30, one, reserves: true);
        await Wallet.Settle(new SettleCharge { TransactionKey = "c", Credits = 25, Metadata = Metadata(one) });

        var entries = (await User.GetAsync("/api/credits/transactions?transaction_type=USAGE")).Json.GetProperty("transactions").EnumerateArray().ToList();

        Assert.Equal([one.ToString(), two.ToString()], entries.Select(entry => entry.Text("usage_execution_id")));
        Assert.Equal([-35, -20], entries.Select(entry => entry.GetProperty("amount").GetInt32()));
        Assert.Equal([2, 1], entries.Select(entry => entry.GetProperty("usage_node_count").GetInt32()));
        Assert.Equal([1445, 1470], entries.Select(entry => entry.GetProperty("running_balance").GetInt32()));
        Assert.All(entries, entry => Assert.Equal(("Graph #01234567 Execution", ""), (entry.Text("description"), entry.Text("transaction_key"))));
        Assert.True(string.CompareOrdinal(entries[0].Text("usage_start_time"), entries[0].Text("transaction_time")) < 0);
    }

    [Theory]
    [InlineData("transaction_time", "next_transaction_time")]
    [InlineData("cursor", "next_cursor")]
    public async Task A_history_is_read_page_by_page(string parameter, string next)
    {
        await User.GetAsync("/api/credits");
        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => SpendAsync($"{i}", 1, Guid.NewGuid())));

        var amounts = new List<int>();
        for (string? at = null; ;)
        {
            var page = (await User.GetAsync($"/api/credits/transactions?transaction_count_limit=10{(at is null ? "" : $"&{parameter}={Uri.EscapeDataString(at)}")}")).Json;
            amounts.AddRange(page.GetProperty("transactions").EnumerateArray().Select(entry => entry.GetProperty("amount").GetInt32()));
            at = page.Text(next);
            if (at is null) break;
        }

        Assert.Equal([.. Enumerable.Repeat(-1, 24), 1500], amounts);
    }

    [Fact]
    public async Task A_page_has_up_to_a_thousand_transactions_and_a_hundred_when_nothing_is_said()
    {
        await User.GetAsync("/api/credits");
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => SpendAsync($"{i}", 1, Guid.NewGuid())));

        async Task<(int Count, bool IsLast)> PageAsync(string query)
        {
            var page = (await User.GetAsync("/api/credits/transactions" + query)).Json;
            return (page.GetProperty("transactions").GetArrayLength(), page.Text("next_transaction_time") is null);
        }

        Assert.Equal((100, false), await PageAsync(""));
        Assert.Equal((1, false), await PageAsync("?transaction_count_limit=1"));
        // 1,001 transactions: the grant of the month is on the second page.
        Assert.Equal((1000, false), await PageAsync("?transaction_count_limit=1000"));
        Assert.Equal((1, true), await PageAsync("?transaction_count_limit=1000&transaction_type=GRANT"));
    }

    [Fact]
    public async Task The_charges_of_a_run_that_are_on_two_pages_are_an_entry_of_each()
    {
        var run = Guid.NewGuid();
        await User.GetAsync("/api/credits");
        foreach (var number in Enumerable.Range(0, 3)) await SpendAsync($"{number}", 10, run);

        var first = (await User.GetAsync("/api/credits/transactions?transaction_count_limit=2")).Json;
        var second = (await User.GetAsync($"/api/credits/transactions?transaction_count_limit=2&cursor={first.Text("next_cursor")}")).Json;

        var (later, earlier) = (Assert.Single(first.GetProperty("transactions").EnumerateArray()), second.GetProperty("transactions")[0]);
        Assert.Equal((run.ToString(), -20, 2, 1470), (later.Text("usage_execution_id"), later.GetProperty("amount").GetInt32(), later.GetProperty("usage_node_count").GetInt32(), later.GetProperty("running_balance").GetInt32()));
        Assert.Equal((run.ToString(), -10, 1, 1490), (earlier.Text("usage_execution_id"), earlier.GetProperty("amount").GetInt32(), earlier.GetProperty("usage_node_count").GetInt32(), earlier.GetProperty("running_balance").GetInt32()));
    }

    [Fact]
    public async Task A_page_that_is_full_tells_where_the_next_begins_even_when_that_is_empty()
    {
        await User.GetAsync("/api/credits");

        var page = (await User.GetAsync("/api/credits/transactions?transaction_count_limit=1")).Json;
        var next = (await User.GetAsync($"/api/credits/transactions?transaction_count_limit=1&cursor={page.Text("next_cursor")}")).Json;

        Assert.Equal(page.GetProperty("transactions")[0].Text("transaction_time"), page.Text("next_transaction_time"));
        Assert.Equal("""{"transactions":[],"next_transaction_time":null,"next_cursor":null}""", next.GetRawText());
    }

    [Fact]
    public async Task The_offset_of_a_time_counts_and_a_time_without_one_is_in_UTC()
    {
        await User.GetAsync("/api/credits");
        var at = DateTimeOffset.Parse((await User.GetAsync("/api/credits/transactions")).Json.GetProperty("transactions")[0].Text("transaction_time")!, System.Globalization.CultureInfo.InvariantCulture);

        async Task<int> CountAsync(DateTimeOffset time, string format) =>
            (await User.GetAsync("/api/credits/transactions?transaction_time=" + Uri.EscapeDataString(time.ToString(format, System.Globalization.CultureInfo.InvariantCulture)))).Json.GetProperty("transactions").GetArrayLength();

        Assert.Equal(0, await CountAsync(at.ToOffset(TimeSpan.FromHours(5)), "yyyy-MM-ddTHH:mm:ss.ffffffzzz"));
        Assert.Equal(1, await CountAsync(at.AddMicroseconds(1).ToOffset(TimeSpan.FromHours(-5)), "yyyy-MM-ddTHH:mm:ss.ffffffzzz"));
        Assert.Equal(0, await CountAsync(at, "yyyy-MM-ddTHH:mm:ss.ffffff"));
        Assert.Equal(1, await CountAsync(at.AddMicroseconds(1), "yyyy-MM-ddTHH:mm:ss.ffffff"));
    }

    [Theory]
    [InlineData("transaction_count_limit=0", 400, "transaction_count_limit must be from 1 to 1000, not 0.")]
    [InlineData("transaction_count_limit=1001", 400, "transaction_count_limit must be from 1 to 1000, not 1001.")]
    [InlineData("transaction_type=top_up", 500, "'top_up' is not a transaction_type; use TOP_UP, USAGE, GRANT, REFUND, CARD_CHECK.")]
    [InlineData("transaction_time=yesterday", 422, "Input should be a valid datetime or date")]
    [InlineData("transaction_count_limit=ten", 422, "Input should be a valid integer, unable to parse string as an integer")]
    [InlineData("cursor=x", 422, "Input should be the next_cursor of a page")]
    public async Task A_history_that_cannot_be_given_is_refused_by_name(string query, int status, string message)
    {
        var answer = await User.GetAsync("/api/credits/transactions?" + query);
        Assert.Equal(status, answer.Status);
        Assert.Contains(message, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transaction_count_limit=1")]
    [InlineData("transaction_count_limit=1000")]
    [InlineData("transaction_type=SUBSCRIPTION")]
    public async Task The_limits_themselves_are_allowed(string query) => Assert.Equal(200, (await User.GetAsync("/api/credits/transactions?" + query)).Status);

    [Fact]
    public async Task A_user_sees_nothing_of_another()
    {
        await User.GetAsync("/api/credits");
        Assert.Empty((await server.Anybody().GetAsync("/api/credits/transactions")).Json.GetProperty("transactions").EnumerateArray());
    }

    [Fact]
    public async Task An_administrator_gives_and_takes_credits_but_not_more_than_there_are()
    {
        await User.GetAsync("/api/credits");

        var given = await Admin.PostAsync("/api/credits/admin/add_credits", Add(200, "Thank you"));
        var taken = await Admin.PostAsync("/api/credits/admin/add_credits", Add(-1700, "Mistake"));
        var tooMuch = await Admin.PostAsync("/api/credits/admin/add_credits", Add(-1, "Mistake"));

        Assert.Equal((200, 1700), (given.Status, given.Json.GetProperty("new_balance").GetInt32()));
        Assert.Equal(["new_balance", "transaction_key"], given.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal((200, 0), (taken.Status, taken.Json.GetProperty("new_balance").GetInt32()));
        Assert.Equal(400, tooMuch.Status);
        Assert.Contains("the balance is 0, and 1 were to be taken", tooMuch.Text, StringComparison.Ordinal);
        var grant = (await User.GetAsync("/api/credits/transactions")).Json.GetProperty("transactions")[1];
        Assert.Equal((given.Json.Text("transaction_key"), "GRANT", 200), (grant.Text("transaction_key"), grant.Text("transaction_type"), grant.GetProperty("amount").GetInt32()));
    }

    [Fact]
    public async Task Credits_are_added_once_for_a_key_of_the_request()
    {
        await User.GetAsync("/api/credits");
        var key = Guid.NewGuid().ToString();

        async Task<Answer> AddAsync() => await Admin.SendAsync(
            HttpMethod.Post, "/api/credits/admin/add_credits", Add(5, "Once").ToJsonString(), request => request.Headers.Add("Idempotency-Key", key));
        var first = await AddAsync();
        var second = await AddAsync();

        Assert.Equal(first.Text, second.Text);
        Assert.Equal("""{"credits":1505}""", (await User.GetAsync("/api/credits")).Text);
    }

    [Fact]
    public async Task Only_administrators_add_credits_and_see_all_histories()
    {
        var (add, history) = (await User.PostAsync("/api/credits/admin/add_credits", Add(5, "For me")), await User.GetAsync("/api/credits/admin/users_history"));
        Assert.Equal((403, """{"detail":"Admin access required"}"""), (add.Status, add.Text));
        Assert.Equal((403, """{"detail":"Admin access required"}"""), (history.Status, history.Text));
    }

    [Fact]
    public async Task Credits_of_nobody_are_refused()
    {
        var answer = await Admin.PostAsync("/api/credits/admin/add_credits", new JsonObject { ["user_id"] = "nobody", ["amount"] = 1, ["comments"] = "" });
        Assert.Equal((400, "User with ID nobody not found."), (answer.Status, answer.Json.Text("detail")));
    }

    [Fact]
    public async Task An_administrator_finds_the_transactions_of_users_by_id_mail_and_type()
    {
        await User.GetAsync("/api/credits");
        await Admin.PostAsync("/api/credits/admin/add_credits", Add(50, "Bonus"));
        await SpendAsync("a", 7, Guid.NewGuid());

        var all = (await Admin.GetAsync($"/api/credits/admin/users_history?search={_user.ToUpperInvariant()}@EXAMPLE")).Json;
        var grants = (await Admin.GetAsync($"/api/credits/admin/users_history?search={_user}&transaction_filter=GRANT&page_size=1&page=1")).Json;
        var none = (await Admin.GetAsync("/api/credits/admin/users_history?search=100%25_nobody")).Json;

        Assert.Equal(["USAGE", "GRANT", "GRANT"], all.GetProperty("history").EnumerateArray().Select(entry => entry.Text("transaction_type")));
        Assert.All(all.GetProperty("history").EnumerateArray(), entry => Assert.Equal((_user, _user + "@example.com", 1543), (entry.Text("user_id"), entry.Text("user_email"), entry.GetProperty("current_balance").GetInt32())));
        var grant = Assert.Single(grants.GetProperty("history").EnumerateArray());
        Assert.Equal(AllMembers, grant.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("Bonus", $"admin-{_user}@example.com", 1550), (grant.Text("reason"), grant.Text("admin_email"), grant.GetProperty("running_balance").GetInt32()));
        Assert.Equal("""{"total_items":2,"total_pages":2,"current_page":1,"page_size":1}""", grants.GetProperty("pagination").GetRawText());
        Assert.Equal("""{"history":[],"pagination":{"total_items":0,"total_pages":0,"current_page":1,"page_size":20}}""", none.GetRawText());
    }

    [Theory]
    [InlineData("page=0", 400, "page must be 1 or more, not 0.")]
    [InlineData("page_size=0", 400, "page_size must be from 1 to 1000, not 0.")]
    [InlineData("page_size=1001", 400, "page_size must be from 1 to 1000, not 1001.")]
    [InlineData("transaction_filter=grant", 422, "Input should be 'TOP_UP', 'USAGE', 'GRANT', 'REFUND', 'CARD_CHECK'")]
    public async Task A_page_of_histories_that_is_not_there_is_refused_by_name(string query, int status, string message)
    {
        var answer = await Admin.GetAsync("/api/credits/admin/users_history?" + query);
        Assert.Equal(status, answer.Status);
        Assert.Contains(message, answer.Text, StringComparison.Ordinal);
    }

    private IUserWalletGrain Wallet => server.Services.GetRequiredService<IClusterClient>().GetGrain<IUserWalletGrain>(_user);

    private JsonObject Add(int amount, string comments) => new() { ["user_id"] = _user, ["amount"] = amount, ["comments"] = comments };

    private static JsonPayload Metadata(Guid run) =>
        JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(new { graph_exec_id = run, graph_id = "01234567-89ab-cdef-0123-456789abcdef" }));

    private async Task SpendAsync(string key, long credits, Guid run, bool reserves = false) =>
        Assert.True((await Wallet.Spend(new Spend { TransactionKey = key, Credits = credits, Metadata = Metadata(run), Reserves = reserves })).Paid);
}

/// <summary>A server with credits.</summary>
public sealed class CreditServer : ApiServer
{
    private protected override void Change(Dictionary<string, string> variables) => variables["ENABLE_CREDIT"] = "true";
}
