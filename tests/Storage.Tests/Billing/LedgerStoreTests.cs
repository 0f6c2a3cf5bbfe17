using Grainflow.Storage.Billing;
using Npgsql;

namespace Grainflow.Storage.Tests.Billing;

public class LedgerStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly LedgerStore _store = new(fixture.Source, new LedgerOptions());
    private readonly string _user = fixture.NextUser();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wallet_that_was_never_used_is_empty()
    {
        Assert.Equal(new Wallet(_user, 0, 0, null), await _store.WalletAsync(_user, Token));
        Assert.Empty(await _store.HistoryAsync(_user, new LedgerQuery(), Token));
        Assert.Empty(await ApplyAsync());
    }

    [Fact]
    public async Task Operations_are_applied_in_order_with_a_running_balance()
    {
        var results = await ApplyAsync(Grant("g", 100), Spend("a", 30), Spend("b", 71), Spend("c", 70));

        Assert.Equal(
            [
                new LedgerResult(LedgerOutcome.Applied, 100, 1, 100, 0),
                new LedgerResult(LedgerOutcome.Applied, 70, 2, -30, 0),
                new LedgerResult(LedgerOutcome.Insufficient, 70, 0, 0, 0),
                new LedgerResult(LedgerOutcome.Applied, 0, 3, -70, 0),
            ],
            results);
        Assert.Equal(new Wallet(_user, 0, 3, Start.AddMicroseconds(2)), await _store.WalletAsync(_user, Token));
    }

    [Fact]
    public async Task A_repeated_key_changes_nothing_and_answers_what_was_recorded()
    {
        await ApplyAsync(Grant("g", 100), Spend("a", 30));
        var results = await ApplyAsync(Spend("b", 20), Spend("a", 30), Spend("b", 20), Grant("g", 100));

        Assert.Equal(
            [
                new LedgerResult(LedgerOutcome.Applied, 50, 3, -20, 0),
                new LedgerResult(LedgerOutcome.AlreadyApplied, 70, 2, -30, 0),
                new LedgerResult(LedgerOutcome.AlreadyApplied, 50, 3, -20, 0),
                new LedgerResult(LedgerOutcome.AlreadyApplied, 100, 1, 100, 0),
            ],
            results);
        Assert.Equal(50, (await _store.WalletAsync(_user, Token)).Balance);
    }

    [Fact]
    public async Task A_key_with_another_amount_or_type_is_an_error()
    {
        await ApplyAsync(Grant("g", 100));
        var results = await ApplyAsync(Grant("g", 99), Grant("g", 100) with { Type = LedgerType.TopUp });
        Assert.All(results, result => Assert.Equal(LedgerOutcome.KeyReused, result.Outcome));
        Assert.Equal(100, (await _store.WalletAsync(_user, Token)).Balance);
    }

    [Fact]
    public async Task Keys_of_different_users_are_different()
    {
        await ApplyAsync(Grant("same", 5));
        var other = fixture.NextUser();
        Assert.Equal(LedgerOutcome.Applied, (await ApplyToAsync(other, Start, Grant("same", 7)))[0].Outcome);
        Assert.Equal(7, (await _store.WalletAsync(other, Token)).Balance);
    }

    [Fact]
    public async Task Raising_to_a_balance_grants_what_is_missing_and_records_even_nothing()
    {
        var monthly = new LedgerOperation { TransactionKey = "2026-01", Type = LedgerType.Grant, RaiseTo = 1500 };
        var results = await ApplyAsync(Grant("g", 100), monthly, monthly, Grant("more", 1), monthly with { TransactionKey = "2026-02" });

        Assert.Equal(new LedgerResult(LedgerOutcome.Applied, 1500, 2, 1400, 0), results[1]);
        Assert.Equal(new LedgerResult(LedgerOutcome.AlreadyApplied, 1500, 2, 1400, 0), results[2]);
        Assert.Equal(new LedgerResult(LedgerOutcome.Applied, 1501, 4, 0, 0), results[4]);
    }

    [Fact]
    public async Task A_refund_larger_than_the_balance_takes_what_is_there_and_records_the_rest()
    {
        var refund = new LedgerOperation { TransactionKey = "re_1", Type = LedgerType.Refund, Amount = -500, TakeWhatIsThere = true };
        var results = await ApplyAsync(Grant("g", 120), refund, refund, refund with { Amount = -400 });

        Assert.Equal(new LedgerResult(LedgerOutcome.Applied, 0, 2, -120, 380), results[1]);
        Assert.Equal(new LedgerResult(LedgerOutcome.AlreadyApplied, 0, 2, -120, 380), results[2]);
        Assert.Equal(LedgerOutcome.KeyReused, results[3].Outcome);
        Assert.Equal(380, (await _store.FindAsync(_user, "re_1", Token))!.Shortfall);
    }

    [Fact]
    public async Task The_history_comes_newest_first_by_page_type_and_time()
    {
        await ApplyAsync(Grant("g", 100) with { Metadata = Text.Json("""{"z":1.0,"a":2}""") });
        await ApplyToAsync(_user, Start.AddHours(1), Spend("a", 1), Spend("b", 2));

        Assert.Equal("b a g", Keys(await _store.HistoryAsync(_user, new LedgerQuery(), Token)));
        Assert.Equal("b", Keys(await _store.HistoryAsync(_user, new LedgerQuery { Limit = 1 }, Token)));
        Assert.Equal("b a", Keys(await _store.HistoryAsync(_user, new LedgerQuery { Type = LedgerType.Usage }, Token)));
        var before = await _store.HistoryAsync(_user, new LedgerQuery { Before = Start.AddHours(1) }, Token);
        Assert.Equal("g", Keys(before));
        Assert.Equal("""{"z":1.0,"a":2}""", Text.Of(before[0].Metadata));
        Assert.Equal("{}", Text.Of((await _store.FindAsync(_user, "a", Token))!.Metadata));
        Assert.Null(await _store.FindAsync(_user, "c", Token));
    }

    [Theory]
    [InlineData("UPDATE ledger SET amount = 0")]
    [InlineData("DELETE FROM ledger")]
    [InlineData("TRUNCATE ledger")]
    public async Task It_is_append_only(string sql)
    {
        await ApplyAsync(Grant("g", 100));
        var error = await Assert.ThrowsAsync<PostgresException>(() => fixture.Source.ExecuteAsync(sql, [], Token));
        Assert.StartsWith("the ledger is append-only", error.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_balance_below_zero_is_refused_by_the_database_itself()
    {
        await ApplyAsync(Grant("g", 100));
        var error = await Assert.ThrowsAsync<PostgresException>(
            () => fixture.Source.ExecuteAsync("UPDATE wallets SET balance = -1 WHERE user_id = $1", [_user], Token));
        Assert.Equal(PostgresErrorCodes.CheckViolation, error.SqlState);
    }

    [Fact]
    public async Task A_hundred_parallel_spends_take_exactly_what_is_there()
    {
        await ApplyAsync(Grant("g", 60));
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => ApplyAsync(Spend($"spend-{i}", 1))));

        Assert.Equal(60, results.Count(result => result[0].Outcome == LedgerOutcome.Applied));
        Assert.Equal(40, results.Count(result => result[0].Outcome == LedgerOutcome.Insufficient));
        Assert.Equal(0, (await _store.WalletAsync(_user, Token)).Balance);
    }

    [Fact]
    public async Task Fifty_parallel_repeats_of_one_operation_apply_it_once_even_to_a_new_wallet()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ApplyAsync(Grant("webhook", 10))));

        Assert.Single(results, result => result[0].Outcome == LedgerOutcome.Applied);
        Assert.Equal(49, results.Count(result => result[0].Outcome == LedgerOutcome.AlreadyApplied));
        Assert.Equal(10, (await _store.WalletAsync(_user, Token)).Balance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_applied_in_parallel_the_balance_is_the_sum_of_the_amounts(int seed)
    {
        var random = new Random(seed);
        var batches = Enumerable.Range(0, 60).Select(_ => Enumerable.Range(0, random.Next(1, 8)).Select(_ => Any(random)).ToArray()).ToList();

        await Task.WhenAll(batches.Select(ApplyAsync));

        var wallet = await _store.WalletAsync(_user, Token);
        var rows = (await _store.HistoryAsync(_user, new LedgerQuery { Limit = 1000 }, Token)).OrderBy(row => row.Sequence).ToList();
        Assert.Equal(rows.Sum(row => row.Amount), wallet.Balance);
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(i => (long)i), rows.Select(row => row.Sequence));
        long balance = 0;
        Assert.All(rows, row => Assert.Equal(balance += row.Amount, row.RunningBalance));
        Assert.All(rows, row => Assert.True(row.RunningBalance >= 0));
    }

    [Fact]
    public async Task Operations_on_many_wallets_are_one_transaction_in_which_none_depends_on_another()
    {
        var users = Enumerable.Range(0, 20).Select(_ => fixture.NextUser()).ToList();

        var results = await _store.ApplyAsync(
            [.. users.Select((user, i) => new WalletOperations(user, [Grant("g", i), Spend("s", 10), Spend("s", 10)]))], Start, Token);

        for (var i = 0; i < users.Count; i++)
        {
            var spent = i < 10 ? LedgerOutcome.Insufficient : LedgerOutcome.Applied;
            var repeated = i < 10 ? LedgerOutcome.Insufficient : LedgerOutcome.AlreadyApplied;
            Assert.Equal([LedgerOutcome.Applied, spent, repeated], results[i].Select(result => result.Outcome));
            Assert.Equal(i < 10 ? i : i - 10, (await _store.WalletAsync(users[i], Token)).Balance);
        }
    }

    [Fact]
    public async Task Writers_that_share_wallets_do_not_wait_for_each_other_in_a_circle()
    {
        var users = Enumerable.Range(0, 8).Select(_ => fixture.NextUser()).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i =>
        {
            var order = users.ToArray();
            new Random(i).Shuffle(order);
            return _store.ApplyAsync([.. order.Select(user => new WalletOperations(user, [Grant($"g{i}", 1)]))], Start, Token);
        }));

        foreach (var user in users) Assert.Equal(60, (await _store.WalletAsync(user, Token)).Balance);
    }

    [Fact]
    public async Task The_history_can_be_read_on_from_a_time_or_a_row_without_losing_rows_that_were_written_together()
    {
        await ApplyAsync([Grant("g", 100), .. Enumerable.Range(0, 9).Select(i => Spend($"{i}", 1))]);

        var byTime = new List<LedgerRow>();
        var byRow = new List<LedgerRow>();
        for (var (query, row) = (new LedgerQuery { Limit = 3 }, new LedgerQuery { Limit = 3 }); ;)
        {
            var page = await _store.HistoryAsync(_user, query, Token);
            byTime.AddRange(page);
            byRow.AddRange(await _store.HistoryAsync(_user, row, Token));
            if (page.Count < 3) break;
            query = query with { Before = page[^1].At };
            row = row with { Before = byRow[^1].At, BeforeSequence = byRow[^1].Sequence };
        }

        Assert.Equal("8 7 6 5 4 3 2 1 0 g", Keys(byTime));
        Assert.Equal("8 7 6 5 4 3 2 1 0 g", Keys(byRow));
    }

    [Fact]
    public async Task A_clock_that_goes_back_leaves_the_rows_of_a_wallet_in_their_order()
    {
        await ApplyToAsync(_user, Start.AddHours(1), Grant("a", 1));
        await ApplyToAsync(_user, Start, Grant("b", 1));

        Assert.Equal("b a", Keys(await _store.HistoryAsync(_user, new LedgerQuery(), Token)));
        Assert.Equal(Start.AddHours(1).AddMicroseconds(1), (await _store.WalletAsync(_user, Token)).UpdatedAt);
    }

    [Fact]
    public async Task A_budget_is_never_exceeded_however_many_charges_ask_at_once()
    {
        var budget = new LedgerBudget(Guid.NewGuid(), 25);
        await ApplyAsync(Grant("g", 1000));

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => ApplyAsync(Spend($"{i}", 4) with { Budget = budget })));

        Assert.Equal(6, results.Count(result => result[0].Outcome == LedgerOutcome.Applied));
        Assert.Equal(34, results.Count(result => result[0].Outcome == LedgerOutcome.OverBudget));
        Assert.Equal(1000 - 24, (await _store.WalletAsync(_user, Token)).Balance);
        var error = await Assert.ThrowsAsync<PostgresException>(
            () => fixture.Source.ExecuteAsync("UPDATE run_budgets SET spent = 26 WHERE user_id = $1", [_user], Token));
        Assert.Equal(PostgresErrorCodes.CheckViolation, error.SqlState);
    }

    [Fact]
    public async Task A_reservation_counts_against_its_budget_until_it_is_settled()
    {
        var budget = new LedgerBudget(Guid.NewGuid(), 10);
        await ApplyAsync(Grant("g", 100));
        var reserve = Spend("n", 8) with { Budget = budget, Reserves = true };

        var results = await ApplyAsync(reserve, Spend("early", 3) with { Budget = budget });
        var settled = await ApplyAsync(Settle("n", 5), Spend("later", 5) with { Budget = budget }, Spend("more", 1) with { Budget = budget });
        var repeated = await ApplyAsync(Settle("n", 1), reserve);

        Assert.Equal([LedgerOutcome.Applied, LedgerOutcome.OverBudget], results.Select(result => result.Outcome));
        Assert.Equal([LedgerOutcome.Applied, LedgerOutcome.Applied, LedgerOutcome.OverBudget], settled.Select(result => result.Outcome));
        Assert.Equal([LedgerOutcome.AlreadyApplied, LedgerOutcome.AlreadyApplied], repeated.Select(result => result.Outcome));
        Assert.Equal((-5L, 90L), (settled[0].Amount, (await _store.WalletAsync(_user, Token)).Balance));
        Assert.Equal(-5, repeated[0].Amount);
    }

    [Fact]
    public async Task A_settlement_takes_no_more_than_was_reserved_and_records_the_rest()
    {
        await ApplyAsync(Grant("g", 100), Spend("n", 8) with { Reserves = true });

        var results = await ApplyAsync(Settle("n", 11), Settle("nothing", 1));

        Assert.Equal(new LedgerResult(LedgerOutcome.Applied, 92, 3, -8, 3), results[0]);
        Assert.Equal(LedgerOutcome.NothingToSettle, results[1].Outcome);
        Assert.Equal((0L, 3L), ((await _store.FindAsync(_user, LedgerKeys.SettlementOf("n"), Token)) is { } row ? (row.Amount, row.Shortfall) : (-1, -1)));
    }

    [Fact]
    public async Task A_balance_goes_no_further_than_thirty_two_bits()
    {
        var results = await ApplyAsync(Grant("a", int.MaxValue), Grant("b", 5), Grant("b", 5), Spend("s", 2), Grant("c", 5));

        Assert.Equal(new LedgerResult(LedgerOutcome.Applied, int.MaxValue, 2, 0, 5), results[1]);
        Assert.Equal(LedgerOutcome.AlreadyApplied, results[2].Outcome);
        Assert.Equal(new LedgerResult(LedgerOutcome.Applied, int.MaxValue, 4, 2, 3), results[4]);
    }

    [Fact]
    public async Task Only_a_charge_that_crosses_the_threshold_tells_of_a_low_balance()
    {
        await ApplyAsync(Grant("g", 700), Spend("a", 200), Spend("b", 1), Spend("c", 1), Grant("h", 1), Spend("d", 1));
        Assert.Equal(["LOW_BALANCE 499", "LOW_BALANCE 499 product"], await NoticesAsync());

        await ApplyAsync(Grant("i", 2), Spend("e", 1));
        await ApplyAsync(Spend("e", 1));
        Assert.Equal(["LOW_BALANCE 499", "LOW_BALANCE 499", "LOW_BALANCE 499 product", "LOW_BALANCE 499 product"], await NoticesAsync());
    }

    [Theory]
    [InlineData(501, 1, false)]
    [InlineData(500, 1, true)]
    [InlineData(499, 1, false)]
    [InlineData(1000, 500, false)]
    [InlineData(1000, 501, true)]
    [InlineData(500, 500, true)]
    public async Task A_charge_tells_of_a_low_balance_when_it_leaves_less_than_500_of_500_or_more(long before, long cost, bool isTold)
    {
        await ApplyAsync(Grant("g", before), Spend("a", cost));
        Assert.Equal(isTold ? [$"LOW_BALANCE {before - cost}", $"LOW_BALANCE {before - cost} product"] : [], await NoticesAsync());
    }

    [Fact]
    public async Task Only_charges_tell_of_a_low_balance_and_with_a_threshold_of_nothing_none_does()
    {
        await ApplyAsync(Grant("g", 500), new LedgerOperation { TransactionKey = "re_1", Type = LedgerType.Refund, Amount = -100, TakeWhatIsThere = true });
        await ApplyAsync(Grant("h", 100), Grant("taken", -1));
        Assert.Empty(await NoticesAsync());

        await new LedgerStore(fixture.Source, new LedgerOptions { LowBalanceThreshold = 0 }).ApplyAsync([new WalletOperations(_user, [Spend("a", 499)])], Start, Token);
        Assert.Equal(0, (await _store.WalletAsync(_user, Token)).Balance);
        Assert.Empty(await NoticesAsync());
    }

    [Fact]
    public async Task Notices_of_a_balance_lead_to_the_page_where_credits_are_bought()
    {
        var store = new LedgerStore(fixture.Source, new LedgerOptions { BillingPage = "https://platform.test/profile/credits" });
        await store.ApplyAsync([new WalletOperations(_user, [Grant("g", 500), Spend("a", 1), Spend("b", 1000) with { GraphId = Guid.NewGuid() }])], Start, Token);

        Assert.Equal(
            ["LOW_BALANCE https://platform.test/profile/credits", "ZERO_BALANCE https://platform.test/profile/credits"],
            await fixture.Source.ListAsync(
                "SELECT concat_ws(' ', type, data->>'billing_page_link') FROM notification_events WHERE user_id = $1 ORDER BY 1", [_user], row => row.GetString(0), Token));
    }

    [Theory]
    [InlineData(LedgerType.TopUp, 1, true)]
    [InlineData(LedgerType.Grant, 1, true)]
    [InlineData(LedgerType.Grant, 0, false)]
    [InlineData(LedgerType.Grant, -1, false)]
    [InlineData(LedgerType.CardCheck, 0, false)]
    [InlineData(LedgerType.Refund, -1, false)]
    public async Task The_user_is_told_again_within_thirty_days_after_a_top_up_or_a_grant_of_one_credit_or_more(string type, long amount, bool isToldAgain)
    {
        var graph = Guid.NewGuid();
        await ApplyAsync(Grant("g", 3), Spend("a", 10) with { GraphId = graph });
        await ApplyAsync(new LedgerOperation { TransactionKey = "change", Type = type, Amount = amount });

        await ApplyToAsync(_user, Start.AddDays(1), Spend("b", 10) with { GraphId = graph });

        Assert.Equal(isToldAgain ? 4 : 2, (await NoticesAsync()).Count);
    }

    [Fact]
    public async Task The_user_is_told_once_per_agent_in_thirty_days_that_the_balance_does_not_suffice_and_again_after_credits_came_in()
    {
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        await ApplyAsync(Grant("g", 3));
        async Task RefuseAsync(Guid graph, int day) => await ApplyToAsync(_user, Start.AddDays(day), Spend($"{graph} {day}", 10) with { GraphId = graph });

        await RefuseAsync(one, 0);
        await RefuseAsync(one, 29);
        Assert.Equal(["ZERO_BALANCE 3 7", "ZERO_BALANCE 3 7 product"], await NoticesAsync());
        await RefuseAsync(two, 29);
        Assert.Equal(4, (await NoticesAsync()).Count);
        await RefuseAsync(one, 30);
        Assert.Equal(6, (await NoticesAsync()).Count);

        await ApplyAsync(new LedgerOperation { TransactionKey = "month", Type = LedgerType.Grant, RaiseTo = 1 });
        await RefuseAsync(one, 31);
        Assert.Equal(6, (await NoticesAsync()).Count);
        await ApplyAsync(Grant("more", 1));
        await RefuseAsync(one, 32);
        Assert.Equal(["ZERO_BALANCE 4 6", "ZERO_BALANCE 4 6 product"], (await NoticesAsync()).Where(notice => notice.StartsWith("ZERO_BALANCE 4", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Automatic_purchases_are_asked_for_by_a_charge_that_leaves_less_than_the_threshold()
    {
        await ApplyAsync(Grant("g", 100));
        await _store.SetAutoTopUpAsync(_user, 50, 600, Token);
        await _store.SetAutoTopUpAsync(fixture.NextUser(), 1, 500, Token);

        var results = await ApplyAsync(Spend("a", 50), Spend("b", 1), Spend("b", 1), Grant("h", 1));

        Assert.Equal([0, 600, 0, 0], results.Select(result => result.TopUp));
        var wallet = await _store.WalletAsync(_user, Token);
        Assert.Equal((50, 50, 600), (wallet.Balance, wallet.TopUpThreshold, wallet.TopUpCredits));
    }

    private static LedgerOperation Settle(string charge, long credits) => new()
    {
        TransactionKey = LedgerKeys.SettlementOf(charge),
        Type = LedgerType.Usage,
        Settles = charge,
        Amount = -credits,
    };

    private async Task<List<string>> NoticesAsync() => await fixture.Source.ListAsync(
        """
        SELECT concat_ws(' ', type, data->>'current_balance', data->>'shortfall', channel) FROM notification_events
        WHERE user_id = $1 OR (channel IS NOT NULL AND key LIKE '%:' || $1 || ':%') ORDER BY 1
        """,
        [_user],
        row => row.GetString(0),
        Token);

    private static LedgerOperation Grant(string key, long amount) => new() { TransactionKey = key, Type = LedgerType.Grant, Amount = amount };

    private static LedgerOperation Spend(string key, long amount) => new() { TransactionKey = key, Type = LedgerType.Usage, Amount = -amount };

    private static LedgerOperation Any(Random random)
    {
        var key = $"key-{random.Next(80)}";
        return random.Next(5) switch
        {
            0 => Grant(key, random.Next(50)),
            1 => new LedgerOperation { TransactionKey = key, Type = LedgerType.Grant, RaiseTo = random.Next(100) },
            2 => new LedgerOperation { TransactionKey = key, Type = LedgerType.Refund, Amount = -random.Next(100), TakeWhatIsThere = true },
            _ => Spend(key, random.Next(40)),
        };
    }

    private static string Keys(IEnumerable<LedgerRow> rows) => string.Join(' ', rows.Select(row => row.TransactionKey));

    private Task<IReadOnlyList<LedgerResult>> ApplyAsync(params LedgerOperation[] operations) => ApplyToAsync(_user, Start, operations);

    private async Task<IReadOnlyList<LedgerResult>> ApplyToAsync(string user, DateTimeOffset at, params LedgerOperation[] operations) =>
        Assert.Single(await _store.ApplyAsync([new WalletOperations(user, operations)], at, Token));
}
