using Npgsql;

namespace Grainflow.Storage.Billing;

/// <summary>Compares what the database has of money: the ledger with the wallets, budgets, reservations, payments and refunds that follow from it.</summary>
public interface ILedgerAudit
{
    /// <summary>Reads all of it and changes nothing.</summary>
    /// <param name="now">The time; what may still be under way then is no difference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<LedgerAuditResult> CompareAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The payments since a time that the payment provider should know, those that have failed left out.</summary>
    /// <param name="since">The time from which on they were made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<AuditedPayment>> PaymentsAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>The payments that have some of the provider's ids.</summary>
    /// <param name="intentIds">The provider's ids.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<AuditedPayment>> PaymentsOfAsync(IReadOnlyCollection<string> intentIds, CancellationToken cancellationToken);

    /// <summary>The keys of all refunds in the ledgers since a time; they are the provider's ids of refunds and disputes.</summary>
    /// <param name="since">The time from which on they were recorded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlySet<string>> RefundKeysAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>How many wallets have which balance.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The number of wallets by <see cref="BalanceBands"/>; a band without a wallet may be missing.</returns>
    Task<IReadOnlyDictionary<string, long>> BandsAsync(CancellationToken cancellationToken);
}

/// <summary>A payment as a comparison with the payment provider needs it.</summary>
/// <param name="Id">The payment.</param>
/// <param name="UserId">Whose.</param>
/// <param name="IsFulfilled">Whether its credits are in the ledger.</param>
/// <param name="Credits">How many.</param>
/// <param name="IntentId">The provider's id of it, or null.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record AuditedPayment(Guid Id, string UserId, bool IsFulfilled, long Credits, string? IntentId, DateTimeOffset CreatedAt);

/// <summary>The bands of balances that the metric has, in credits.</summary>
public static class BalanceBands
{
    /// <summary>Their names, from low to high.</summary>
    public static IReadOnlyList<string> All { get; } = ["0", "1-499", "500-1499", "1500-9999", "10000+"];
}

/// <summary>What a comparison found.</summary>
/// <param name="Wallets">How many wallets were compared.</param>
/// <param name="Rows">How many rows of the ledger.</param>
/// <param name="Payments">How many fulfilled payments and refunds.</param>
/// <param name="Differences">The first differences of each kind, at most <see cref="LedgerAudit.MostShown"/>.</param>
/// <param name="Count">How many differences there are in all.</param>
public sealed record LedgerAuditResult(long Wallets, long Rows, long Payments, IReadOnlyList<LedgerDifference> Differences, long Count);

/// <summary>Two places that should agree and do not.</summary>
/// <param name="Kind">The kind, one of <see cref="LedgerDifferenceKinds"/>.</param>
/// <param name="UserId">Whose money it is; empty when that is not known.</param>
/// <param name="Subject">Which row, run or payment.</param>
/// <param name="Text">What each place has.</param>
public sealed record LedgerDifference(string Kind, string UserId, string Subject, string Text)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Kind} of {(UserId.Length > 0 ? UserId : "nobody")}, {Subject}: {Text}";
}

/// <summary>The kinds of differences.</summary>
public static class LedgerDifferenceKinds
{
    /// <summary>The balance of a wallet is not the sum of its ledger, or its last sequence is not that of its last row, or rows are missing in between.</summary>
    public const string Wallet = "wallet";

    /// <summary>The running balance of a row is not that of the row before and its amount.</summary>
    public const string RunningBalance = "running_balance";

    /// <summary>What was spent of a budget is not the sum of the rows that count against it.</summary>
    public const string Budget = "budget";

    /// <summary>A reservation was not settled although its node execution has ended an hour ago, or, of a block that was executed by itself, it was made an hour ago.</summary>
    public const string Reservation = "reservation";

    /// <summary>A fulfilled payment has no row in the ledger, or one of another amount.</summary>
    public const string PaymentWithoutCredits = "payment_without_credits";

    /// <summary>Credits were bought by no fulfilled payment.</summary>
    public const string CreditsWithoutPayment = "credits_without_payment";

    /// <summary>The provider has taken the money of a payment that is not fulfilled.</summary>
    public const string PaidWithoutCredits = "paid_without_credits";

    /// <summary>A fulfilled payment is one that the provider does not have, or has not taken the money of.</summary>
    public const string NotPaid = "not_paid";

    /// <summary>The provider has taken more than the credits are worth.</summary>
    public const string AmountOfPayment = "amount_of_payment";

    /// <summary>The provider has given money back, and no credits were taken.</summary>
    public const string RefundNotTaken = "refund_not_taken";

    /// <summary>An approved refund took no credits.</summary>
    public const string RefundWithoutRow = "refund_without_row";
}

/// <inheritdoc cref="ILedgerAudit"/>
/// <param name="database">The database.</param>
public sealed class LedgerAudit(Database database) : ILedgerAudit
{
    /// <summary>How many differences of a kind are told one by one.</summary>
    public const int MostShown = 100;

    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);

    /// <summary>Each names kind, user, subject and text of its differences. <c>$1</c> is the time up to which work counts as ended.</summary>
    private static readonly (string Kind, string Sql)[] Comparisons =
    [
        (LedgerDifferenceKinds.Wallet,
            """
            SELECT user_id, user_id AS subject, format('the wallet has %s credits after row %s; the ledger has %s credits in %s rows, the last of which is %s',
              coalesce(balance, 0), coalesce(last_seq, 0), coalesce(total, 0), coalesce(rows, 0), coalesce(last, 0)) AS text
            FROM wallets FULL JOIN (SELECT user_id, sum(amount) AS total, count(*) AS rows, max(seq) AS last FROM ledger GROUP BY user_id) AS summed USING (user_id)
            WHERE coalesce(balance, 0) <> coalesce(total, 0) OR coalesce(last_seq, 0) <> coalesce(last, 0) OR coalesce(rows, 0) <> coalesce(last, 0)
            """),
        (LedgerDifferenceKinds.RunningBalance,
            """
            SELECT user_id, seq::text AS subject, format('the row has a running balance of %s; the row before has %s, and the amount is %s', running_balance, before, amount) AS text
            FROM (SELECT user_id, seq, amount, running_balance, lag(running_balance, 1, 0::bigint) OVER (PARTITION BY user_id ORDER BY seq) AS before FROM ledger) AS rows
            WHERE running_balance <> before + amount
            """),
        (LedgerDifferenceKinds.Budget,
            """
            SELECT user_id, root_run_id::text AS subject, format('the budget has %s of %s credits spent; the ledger has %s', coalesce(spent, 0), coalesce(max_credits, 0), coalesce(total, 0)) AS text
            FROM run_budgets
            FULL JOIN (SELECT user_id, budget_id AS root_run_id, -sum(amount) AS total FROM ledger WHERE budget_id IS NOT NULL GROUP BY user_id, budget_id) AS summed USING (user_id, root_run_id)
            WHERE coalesce(spent, 0) <> coalesce(total, 0)
            """),
        (LedgerDifferenceKinds.Reservation,
            """
            SELECT user_id, transaction_key AS subject,
              CASE WHEN node.id IS NULL THEN format('%s credits are reserved since %s, and there is no node execution', -amount, charge.at)
                ELSE format('%s credits are reserved, and the node execution has ended at %s', -amount, node.ended_at) END AS text
            FROM ledger AS charge LEFT JOIN node_executions AS node ON node.id = charge.transaction_key::uuid
            WHERE charge.reserves AND (node.ended_at < $1 OR (node.id IS NULL AND charge.at < $1))
              AND NOT EXISTS (SELECT FROM ledger AS other WHERE other.user_id = charge.user_id AND other.transaction_key = charge.transaction_key || ':settled')
            """),
        (LedgerDifferenceKinds.PaymentWithoutCredits,
            """
            SELECT user_id, id::text AS subject, format('the payment of %s credits is fulfilled; the ledger has %s under %s', credits,
              coalesce((SELECT (amount + shortfall)::text FROM ledger WHERE ledger.user_id = payments.user_id AND ledger.transaction_key = payments.transaction_key), 'nothing'), transaction_key) AS text
            FROM payments
            WHERE status = 'FULFILLED' AND NOT EXISTS (
              SELECT FROM ledger WHERE ledger.user_id = payments.user_id AND ledger.transaction_key = payments.transaction_key
                AND type IN ('TOP_UP', 'CARD_CHECK') AND amount + shortfall = credits)
            """),
        (LedgerDifferenceKinds.CreditsWithoutPayment,
            """
            SELECT user_id, transaction_key AS subject, format('the ledger has %s credits by %s; no payment with this key is fulfilled', amount, type) AS text
            FROM ledger
            WHERE type IN ('TOP_UP', 'CARD_CHECK') AND at < $1 AND NOT EXISTS (
              SELECT FROM payments WHERE payments.user_id = ledger.user_id AND payments.transaction_key = ledger.transaction_key AND status = 'FULFILLED')
            """),
        (LedgerDifferenceKinds.RefundWithoutRow,
            """
            SELECT user_id, id::text AS subject, format('the refund %s of %s credits is approved; the ledger has no row of it', refund_id, amount) AS text
            FROM refund_requests
            WHERE status = 'APPROVED' AND refund_id IS NOT NULL AND NOT EXISTS (
              SELECT FROM ledger WHERE ledger.user_id = refund_requests.user_id AND ledger.transaction_key = refund_id AND type = 'REFUND')
            """),
    ];

    private const string PaymentsSql = "SELECT id, user_id, status = 'FULFILLED', credits, intent_id, created_at FROM payments";

    /// <inheritdoc/>
    public async Task<LedgerAuditResult> CompareAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = new List<LedgerDifference>();
        var count = 0L;
        foreach (var (kind, sql) in Comparisons)
        {
            // The parameter is named by every text, so that it has a type where the comparison has no use for it.
            var rows = await database.ListAsync(
                $"SELECT user_id, subject, text, count(*) OVER () FROM ({sql}) AS differences WHERE $1::timestamptz IS NOT NULL ORDER BY user_id, subject LIMIT {MostShown}",
                [now - Settled],
                row => (Difference: new LedgerDifference(kind, row.GetString(0), row.GetString(1), row.GetString(2)), Count: row.GetInt64(3)),
                cancellationToken);
            found.AddRange(rows.Select(row => row.Difference));
            if (rows.Count > 0) count += rows[0].Count;
        }

        var (wallets, ledger, payments) = (await database.ListAsync(
            """
            SELECT (SELECT count(*) FROM wallets), (SELECT count(*) FROM ledger),
              (SELECT count(*) FROM payments WHERE status = 'FULFILLED') + (SELECT count(*) FROM refund_requests WHERE status = 'APPROVED')
            """,
            [],
            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
            cancellationToken))[0];
        return new LedgerAuditResult(wallets, ledger, payments, found, count);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditedPayment>> PaymentsAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        await database.ListAsync($"{PaymentsSql} WHERE created_at >= $1 AND kind <> 'CARD_CHECK' AND status <> 'FAILED'", [since], MapPayment, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditedPayment>> PaymentsOfAsync(IReadOnlyCollection<string> intentIds, CancellationToken cancellationToken) =>
        intentIds.Count == 0 ? [] : await database.ListAsync($"{PaymentsSql} WHERE intent_id = ANY ($1)", [intentIds.ToArray()], MapPayment, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlySet<string>> RefundKeysAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        (await database.ListAsync("SELECT transaction_key FROM ledger WHERE type = 'REFUND' AND at >= $1", [since], row => row.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, long>> BandsAsync(CancellationToken cancellationToken) =>
        (await database.ListAsync(
            """
            SELECT CASE WHEN balance = 0 THEN '0' WHEN balance < 500 THEN '1-499' WHEN balance < 1500 THEN '500-1499' WHEN balance < 10000 THEN '1500-9999' ELSE '10000+' END, count(*)
            FROM wallets GROUP BY 1
            """,
            [],
            row => (Band: row.GetString(0), Count: row.GetInt64(1)),
            cancellationToken)).ToDictionary(row => row.Band, row => row.Count, StringComparer.Ordinal);

    private static AuditedPayment MapPayment(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), row.GetBoolean(2), row.GetInt64(3), row.GetStringOrNull(4), row.GetTime(5));
}
