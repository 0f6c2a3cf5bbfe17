using Grainflow.Storage.Billing;
using Npgsql;

namespace Grainflow.Storage.Tests.Billing;

public class LedgerStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly LedgerStore _store = new(fixture.Source);
    private readonly string _user = fixture.NextUser();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wallet_that_was_never_used_is_empty()
    {
        Assert.Equal(new Wallet(_user, 0, 0, null), await _store.WalletAsync(_user, Token));
        Assert.Empty(await _store.HistoryAsync(_user, new LedgerQuery(), Token));
        Assert.Empty(await _store.ApplyAsync(_user, [], Start, Token));
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
        Assert.Equal(new Wallet(_user, 0, 3, Start), await _store.WalletAsync(_user, Token));
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
        Assert.Equal(LedgerOutcome.Applied, (await _store.ApplyAsync(other, [Grant("same", 7)], Start, Token))[0].Outcome);
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
        await _store.ApplyAsync(_user, [Spend("a", 1), Spend("b", 2)], Start.AddHours(1), Token);

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

    private Task<IReadOnlyList<LedgerResult>> ApplyAsync(params LedgerOperation[] operations) =>
        _store.ApplyAsync(_user, operations, Start, Token);
}
