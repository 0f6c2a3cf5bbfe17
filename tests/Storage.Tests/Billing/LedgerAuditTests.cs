using Grainflow.Storage.Billing;

namespace Grainflow.Storage.Tests.Billing;

/// <summary>The comparison finds what was changed behind the ledger's back, and nothing else. The database is its own, because it is compared as a whole.</summary>
public sealed class LedgerAuditTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly DatabaseFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_ledger_that_only_its_store_has_written_has_no_difference()
    {
        await FillAsync();

        var result = await new LedgerAudit(_fixture.Source).CompareAsync(Now.AddDays(1), Token);

        Assert.Empty(result.Differences);
        Assert.Equal((2, 6, 1, 0), (result.Wallets, result.Rows, result.Payments, result.Count));
    }

    [Theory]
    [InlineData("UPDATE wallets SET balance = balance + 1 WHERE user_id = 'a'", "wallet a a: the wallet has 1058 credits after row 5; the ledger has 1057 credits in 5 rows, the last of which is 5")]
    [InlineData("UPDATE wallets SET last_seq = 6 WHERE user_id = 'a'", "wallet a a: the wallet has 1057 credits after row 6; the ledger has 1057 credits in 5 rows, the last of which is 5")]
    [InlineData("DELETE FROM wallets WHERE user_id = 'b'", "wallet b b: the wallet has 0 credits after row 0; the ledger has 5 credits in 1 rows, the last of which is 1")]
    [InlineData("ALTER TABLE ledger DISABLE TRIGGER ALL; UPDATE ledger SET running_balance = 1 WHERE user_id = 'a' AND seq = 1", "running_balance a 1: the row has a running balance of 1; the row before has 0, and the amount is 100", "running_balance a 2: the row has a running balance of 92; the row before has 1, and the amount is -8")]
    [InlineData("UPDATE run_budgets SET spent = 4", "budget a 00000000-0000-0000-0000-000000000001: the budget has 4 of 10 credits spent; the ledger has 3")]
    [InlineData("ALTER TABLE ledger DISABLE TRIGGER ALL; UPDATE ledger SET transaction_key = 'x' WHERE transaction_key LIKE '%:settled'", "reservation a 00000000-0000-0000-0000-000000000002: 8 credits are reserved, and the node execution has ended at 2026-01-02 03:04:05+00")]
    [InlineData("ALTER TABLE ledger DISABLE TRIGGER ALL; UPDATE ledger SET transaction_key = 'x' WHERE transaction_key LIKE '%:settled'; DELETE FROM node_executions", "reservation a 00000000-0000-0000-0000-000000000002: 8 credits are reserved since 2026-01-02 03:04:05.000001+00, and there is no node execution")]
    [InlineData("UPDATE payments SET credits = 900", "payment_without_credits a 00000000-0000-0000-0000-000000000003: the payment of 900 credits is fulfilled; the ledger has 1000 under pi_1")]
    [InlineData("DELETE FROM payments", "credits_without_payment a pi_1: the ledger has 1000 credits by TOP_UP; no payment with this key is fulfilled")]
    [InlineData("INSERT INTO refund_requests (id, user_id, transaction_key, amount, reason, status, refund_id, created_at, updated_at) VALUES ('00000000-0000-0000-0000-000000000004', 'a', 'pi_1', 5, '', 'APPROVED', 're_1', now(), now())", "refund_without_row a 00000000-0000-0000-0000-000000000004: the refund re_1 of 5 credits is approved; the ledger has no row of it")]
    public async Task What_does_not_agree_is_named(string change, params string[] differences)
    {
        await FillAsync();
        foreach (var statement in change.Split(';')) await _fixture.Source.ExecuteAsync(statement, [], Token);

        var result = await new LedgerAudit(_fixture.Source).CompareAsync(Now.AddDays(1), Token);

        Assert.Equal(differences, result.Differences.Select(difference => $"{difference.Kind} {difference.UserId} {difference.Subject}: {difference.Text}"));
        Assert.Equal(differences.Length, result.Count);
    }

    [Fact]
    public async Task What_may_be_under_way_is_no_difference()
    {
        await FillAsync();
        await _fixture.Source.ExecuteAsync("UPDATE payments SET status = 'PENDING', due_at = now()", [], Token);

        Assert.Equal(0, (await new LedgerAudit(_fixture.Source).CompareAsync(Now.AddMinutes(30), Token)).Count);
        Assert.Equal(1, (await new LedgerAudit(_fixture.Source).CompareAsync(Now.AddMinutes(61), Token)).Count);
    }

    [Fact]
    public async Task Wallets_are_counted_by_balance()
    {
        foreach (var (balance, number) in new[] { 0, 1, 499, 500, 1499, 1500, 9999, 10_000, 5_000_000 }.Select((balance, number) => (balance, number)))
            await _fixture.Source.ExecuteAsync("INSERT INTO wallets (user_id, balance, last_seq) VALUES ($1, $2, 1)", [$"{number}", (long)balance], Token);

        var bands = await new LedgerAudit(_fixture.Source).BandsAsync(Token);

        Assert.Equal([1L, 2, 2, 2, 2], BalanceBands.All.Select(band => bands[band]));
    }

    private async Task FillAsync()
    {
        var store = new LedgerStore(_fixture.Source, new LedgerOptions());
        var (run, node) = (new Guid("00000000-0000-0000-0000-000000000001"), new Guid("00000000-0000-0000-0000-000000000002"));
        await store.ApplyAsync(
            [
                new WalletOperations("a",
                [
                    new LedgerOperation { TransactionKey = "g", Type = LedgerType.Grant, Amount = 100 },
                    new LedgerOperation { TransactionKey = node.ToString(), Type = LedgerType.Usage, Amount = -8, Reserves = true, Budget = new LedgerBudget(run, 10) },
                    new LedgerOperation { TransactionKey = LedgerKeys.SettlementOf(node.ToString()), Type = LedgerType.Usage, Settles = node.ToString(), Amount = -3 },
                    new LedgerOperation { TransactionKey = "pi_1", Type = LedgerType.TopUp, Amount = 1000 },
                    new LedgerOperation { TransactionKey = "s", Type = LedgerType.Usage, Amount = -40 },
                ]),
                new WalletOperations("b", [new LedgerOperation { TransactionKey = "g", Type = LedgerType.Grant, Amount = 5 }]),
            ],
            Now,
            Token);
        await _fixture.Source.ExecuteAsync(
            """
            INSERT INTO payments (id, user_id, kind, status, credits, transaction_key, created_at, updated_at)
            VALUES ('00000000-0000-0000-0000-000000000003', 'a', 'CHECKOUT', 'FULFILLED', 1000, 'pi_1', $1, $1)
            """,
            [Now],
            Token);
        await _fixture.Source.ExecuteAsync(
            """
            INSERT INTO node_executions (id, run_id, ordinal, node_id, block_id, status, attempt, price, added_at, ended_at)
            VALUES ($1, $2, 1, 'n', 'b', 'COMPLETED', 1, 8, $3, $3)
            """,
            [node, run, Now],
            Token);
    }
}
