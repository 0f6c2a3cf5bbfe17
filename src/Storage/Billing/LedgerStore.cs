using Grainflow.Storage.Notifications;
using Npgsql;

namespace Grainflow.Storage.Billing;

/// <inheritdoc cref="ILedgerStore"/>
/// <param name="database">The database.</param>
/// <param name="options">When a user is told of a low balance.</param>
public sealed class LedgerStore(Database database, LedgerOptions options) : ILedgerStore
{
    internal const string Columns = "user_id, seq, transaction_key, type, amount, running_balance, metadata, shortfall, at, budget_id, reserves";

    private const string WalletRead = "user_id, balance, last_seq, updated_at, top_up_threshold, top_up_credits";

    /// <summary>For how long a user is not told again that the balance does not suffice for an agent (contract: semantics 3.4).</summary>
    private static readonly TimeSpan ZeroBalanceSilence = TimeSpan.FromDays(30);

    private static readonly RowColumns<LedgerRow> LedgerColumns = new RowColumns<LedgerRow>()
        .Text("user_id", row => row.UserId)
        .Bigint("seq", row => row.Sequence)
        .Text("transaction_key", row => row.TransactionKey)
        .Text("type", row => row.Type)
        .Bigint("amount", row => row.Amount)
        .Bigint("running_balance", row => row.RunningBalance)
        .Json("metadata", row => row.Metadata)
        .Bigint("shortfall", row => row.Shortfall)
        .Time("at", row => row.At)
        .Uuid("budget_id", row => row.BudgetId)
        .Bool("reserves", row => row.Reserves);

    private static readonly RowColumns<Wallet> WalletColumns = new RowColumns<Wallet>()
        .Text("user_id", wallet => wallet.UserId)
        .Bigint("balance", wallet => wallet.Balance)
        .Bigint("last_seq", wallet => wallet.LastSequence)
        .Time("updated_at", wallet => wallet.UpdatedAt);

    private static readonly RowColumns<LedgerBudgetRow> BudgetColumns = new RowColumns<LedgerBudgetRow>()
        .Text("user_id", budget => budget.UserId)
        .Uuid("root_run_id", budget => budget.RootRunId)
        .Bigint("max_credits", budget => budget.MaxCredits)
        .Bigint("spent", budget => budget.Spent);

    private static readonly RowStatement<IReadOnlyList<LedgerPage>> WriteStatement = new RowStatement<IReadOnlyList<LedgerPage>>()
        .Rows("new_wallets", WalletColumns, pages => [.. pages.Where(page => page.NewRows.Count > 0).Select(page => page.Wallet)])
        .Rows("budgets", BudgetColumns, pages => [.. pages.SelectMany(page => page.Budgets)])
        .Rows("notices", NotificationEventStore.EventColumns, pages => [.. pages.SelectMany(page => page.Notices)])
        .Rows("ledger_rows", LedgerColumns, pages => [.. pages.SelectMany(page => page.NewRows)])
        .Text(
            $"""
            WITH wallet AS (
              UPDATE wallets SET balance = new_wallets.balance, last_seq = new_wallets.last_seq, updated_at = new_wallets.updated_at
              FROM @new_wallets WHERE wallets.user_id = new_wallets.user_id
            ), budget AS (
              INSERT INTO run_budgets ({BudgetColumns.Names}) SELECT * FROM @budgets
              ON CONFLICT (user_id, root_run_id) DO UPDATE SET max_credits = excluded.max_credits, spent = excluded.spent
            ), notice AS (
              INSERT INTO notification_events ({NotificationEventStore.EventColumns.Names}) SELECT * FROM @notices ON CONFLICT (key) DO NOTHING
            )
            INSERT INTO ledger ({LedgerColumns.Names}) SELECT * FROM @ledger_rows
            """);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IReadOnlyList<LedgerResult>>> ApplyAsync(
        IReadOnlyList<WalletOperations> wallets, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (var wallet in wallets) RequireText(wallet);
        if (wallets.All(wallet => wallet.Operations.Count == 0)) return [.. wallets.Select(_ => Array.Empty<LedgerResult>())];

        await using var session = await database.OpenAsync(cancellationToken);
        // A second time when wallets had to be created; wallets are never deleted.
        while (true)
        {
            if (await TryApplyAsync(session, wallets, at, cancellationToken) is { } results) return results;
            await session.ExecuteAsync(
                Plan.ByIndex,
                "INSERT INTO wallets (user_id, balance, last_seq) SELECT user_id, 0, 0 FROM unnest($1::text[]) AS given (user_id) ORDER BY user_id COLLATE \"C\" ON CONFLICT (user_id) DO NOTHING",
                [wallets.Select(wallet => wallet.UserId).ToArray()],
                cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<Wallet> WalletAsync(string userId, CancellationToken cancellationToken) =>
        await database.FirstAsync(
            Plan.ByIndex, $"SELECT {WalletRead} FROM wallets WHERE user_id = $1", [userId], MapWallet, cancellationToken)
        ?? new Wallet(userId, 0, 0, null);

    /// <inheritdoc/>
    public Task SetAutoTopUpAsync(string userId, long threshold, long credits, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            Plan.ByIndex,
            """
            INSERT INTO wallets (user_id, balance, last_seq, top_up_threshold, top_up_credits) VALUES ($1, 0, 0, $2, $3)
            ON CONFLICT (user_id) DO UPDATE SET top_up_threshold = excluded.top_up_threshold, top_up_credits = excluded.top_up_credits
            """,
            [userId, threshold, credits],
            cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerRow?> FindAsync(string userId, string transactionKey, CancellationToken cancellationToken) =>
        database.FirstAsync(
            Plan.ByIndex,
            $"SELECT {Columns} FROM ledger WHERE user_id = $1 AND transaction_key = $2",
            [userId, transactionKey],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerRow>> FindAllAsync(string userId, IReadOnlyCollection<string> transactionKeys, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"SELECT {Columns} FROM ledger WHERE user_id = $1 AND transaction_key = ANY($2)",
            [userId, transactionKeys.ToArray()],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerRow>> HistoryAsync(string userId, LedgerQuery query, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            $"""
            SELECT {Columns} FROM ledger
            WHERE user_id = $1 AND ($2::text IS NULL OR type = $2) AND (at, seq) < (coalesce($3::timestamptz, 'infinity'), $4)
            ORDER BY at DESC, seq DESC LIMIT $5
            """,
            [userId, query.Type, query.Before, query.BeforeSequence, query.Limit],
            Map,
            cancellationToken);

    /// <summary>
    /// Applies operations in one transaction. The locks of the wallets are what orders the operations of a user across processes. They are taken in the order of the user ids
    /// by one statement, so that two writers never wait for each other in a circle; a wallet that is not there is therefore created before, and not while others are locked.
    /// </summary>
    /// <returns>The results; null, and nothing is applied, when a wallet is not there.</returns>
    private async Task<IReadOnlyList<IReadOnlyList<LedgerResult>>?> TryApplyAsync(
        DatabaseSession session, IReadOnlyList<WalletOperations> wallets, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var locked = await session.ListAsync(
            Plan.ByIndex,
            $"SELECT {WalletRead} FROM wallets WHERE user_id = ANY ($1) ORDER BY user_id COLLATE \"C\" FOR UPDATE",
            [wallets.Select(wallet => wallet.UserId).ToArray()],
            MapWallet,
            cancellationToken);
        if (locked.Count < wallets.Count) return null;
        var pages = await ReadAsync(session, wallets, locked, at, cancellationToken);
        var results = wallets.Select(wallet => wallet.Operations.Select(pages[wallet.UserId].Apply).ToList()).ToList();
        var (isChanged, told) = await WriteAsync(session, [.. pages.Values], at, cancellationToken);
        if (isChanged) await transaction.CommitAsync(cancellationToken);
        if (told.Count > 0) foreach (var (wallet, ofWallet) in wallets.Zip(results)) AddTold(wallet, ofWallet, told);
        return results;
    }

    /// <summary>Reads what the operations on locked wallets may concern.</summary>
    private async Task<Dictionary<string, LedgerPage>> ReadAsync(
        DatabaseSession session, IReadOnlyList<WalletOperations> wallets, IReadOnlyList<Wallet> locked, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var keys = wallets.SelectMany(wallet => wallet.Operations.SelectMany(Keys).Distinct(StringComparer.Ordinal).Select(key => (wallet.UserId, Key: key))).ToList();
        var recorded = await session.ListAsync(
            Plan.ByIndex,
            $"SELECT {Columns} FROM unnest($1::text[], $2::text[]) AS wanted (user_id, transaction_key) JOIN ledger USING (user_id, transaction_key)",
            [keys.Select(key => key.UserId).ToArray(), keys.Select(key => key.Key).ToArray()],
            Map,
            cancellationToken);
        var budgets = await BudgetsAsync(session, wallets, recorded, cancellationToken);
        var rows = recorded.ToLookup(row => row.UserId, StringComparer.Ordinal);
        var now = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));
        return locked.ToDictionary(
            wallet => wallet.UserId,
            wallet => new LedgerPage(
                wallet, rows[wallet.UserId], budgets.Where(budget => budget.UserId == wallet.UserId).ToDictionary(budget => budget.RootRunId), now, options),
            StringComparer.Ordinal);
    }

    /// <summary>
    /// Refuses a text that PostgreSQL cannot hold before it is sent. A statement that the server refuses while it is prepared for the first time can leave Npgsql out of step
    /// with its session, and the next transaction in the session then fails, too.
    /// </summary>
    /// <exception cref="ArgumentException">A user id or a key has a NUL character.</exception>
    private static void RequireText(WalletOperations wallet)
    {
        if (wallet.UserId.Contains('\0', StringComparison.Ordinal) || wallet.Operations.SelectMany(Keys).Any(key => key.Contains('\0', StringComparison.Ordinal)))
            throw new ArgumentException("A user id or a transaction key has a NUL character, which PostgreSQL cannot hold.", nameof(wallet));
    }

    private static IEnumerable<string> Keys(LedgerOperation operation) =>
        operation.Settles is { } charge ? [operation.TransactionKey, charge] : [operation.TransactionKey];

    private static async Task<IReadOnlyList<LedgerBudgetRow>> BudgetsAsync(
        DatabaseSession session, IReadOnlyList<WalletOperations> wallets, List<LedgerRow> recorded, CancellationToken cancellationToken)
    {
        var used = wallets
            .SelectMany(wallet => wallet.Operations.Where(operation => operation.Budget is not null).Select(operation => (wallet.UserId, operation.Budget!.RootRunId)))
            .Concat(recorded.Where(row => row.BudgetId is not null).Select(row => (row.UserId, RootRunId: row.BudgetId!.Value)))
            .Distinct()
            .ToList();
        if (used.Count == 0) return [];
        return await session.ListAsync(
            Plan.ByIndex,
            "SELECT user_id, root_run_id, max_credits, spent FROM unnest($1::text[], $2::uuid[]) AS wanted (user_id, root_run_id) JOIN run_budgets USING (user_id, root_run_id)",
            [used.Select(budget => budget.UserId).ToArray(), used.Select(budget => budget.RootRunId).ToArray()],
            row => new LedgerBudgetRow(row.GetString(0), row.GetGuid(1), row.GetInt64(2), row.GetInt64(3)),
            cancellationToken);
    }

    /// <summary>Gives what was written of a balance that does not suffice to the first refused operation of its agent.</summary>
    private static void AddTold(WalletOperations wallet, List<LedgerResult> results, List<NotificationEvent> told)
    {
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Outcome != LedgerOutcome.Insufficient || wallet.Operations[i].GraphId is not { } graph) continue;
            var ofAgent = told.FindAll(notice => notice.Key.StartsWith($"zero-balance:{wallet.UserId}:{graph}:", StringComparison.Ordinal));
            if (ofAgent.Count > 0) results[i] = results[i] with { Told = ofAgent };
            told.RemoveAll(ofAgent.Contains);
        }
    }

    /// <summary>Writes what the operations have changed.</summary>
    /// <returns>False when that is nothing; and what was written of balances that do not suffice.</returns>
    private async Task<(bool IsChanged, List<NotificationEvent> Told)> WriteAsync(DatabaseSession session, IReadOnlyList<LedgerPage> pages, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var refused = pages.SelectMany(page => page.Shortfalls.Select(graph => (page.Wallet.UserId, GraphId: graph.Key, page.Wallet.Balance, Shortfall: graph.Value))).ToList();
        var grown = pages.Where(page => page.ForgetsNotices).Select(page => page.Wallet.UserId).ToArray();
        var isChanged = pages.Any(page => page.NewRows.Count > 0);
        if (isChanged) await session.ExecuteAsync(Plan.ByIndex, WriteStatement.Sql, WriteStatement.Parameters(pages), cancellationToken);
        if (grown.Length > 0) await session.ExecuteAsync(Plan.ByIndex, "DELETE FROM zero_balance_notices WHERE user_id = ANY ($1)", [grown], cancellationToken);
        if (refused.Count == 0) return (isChanged, []);

        // An agent whose graph was deleted meanwhile is told of without a name. Each notice is for the user and for the operators.
        var told = await session.ListAsync(
            Plan.ByIndex,
            """
            WITH told AS (
              INSERT INTO zero_balance_notices (user_id, graph_id, told_at)
              SELECT user_id, graph_id, $5 FROM unnest($1::text[], $2::uuid[]) AS refused (user_id, graph_id)
              ON CONFLICT (user_id, graph_id) DO UPDATE SET told_at = excluded.told_at WHERE zero_balance_notices.told_at <= excluded.told_at - $6
              RETURNING user_id, graph_id
            )
            INSERT INTO notification_events (key, type, user_id, channel, data, created_at)
            SELECT concat_ws(':', 'zero-balance', user_id, graph_id, extract(epoch FROM $5), channel), 'ZERO_BALANCE', CASE WHEN channel IS NULL THEN user_id END, channel,
              json_build_object(
                'agent_name', coalesce((SELECT name FROM graphs WHERE graphs.id = graph_id ORDER BY version DESC LIMIT 1), ''),
                'current_balance', balance, 'billing_page_link', $7::text, 'shortfall', shortfall),
              $5
            FROM told JOIN unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[]) AS refused (user_id, graph_id, balance, shortfall) USING (user_id, graph_id)
            CROSS JOIN (VALUES (NULL::text), ('product')) AS addressee (channel)
            ON CONFLICT (key) DO NOTHING
            RETURNING key, type, user_id, channel, data, created_at
            """,
            [
                refused.Select(row => row.UserId).ToArray(), refused.Select(row => row.GraphId).ToArray(), refused.Select(row => row.Balance).ToArray(),
                refused.Select(row => row.Shortfall).ToArray(), at.ToUniversalTime(), ZeroBalanceSilence, options.BillingPage,
            ],
            row => new NotificationEvent
            {
                Key = row.GetString(0),
                Type = row.GetString(1),
                UserId = row.GetStringOrNull(2),
                Channel = row.GetStringOrNull(3),
                Data = row.GetJson(4),
                CreatedAt = row.GetTime(5),
            },
            cancellationToken);
        return (isChanged || told.Count > 0, told);
    }

    private static Wallet MapWallet(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetTimeOrNull(3))
    {
        TopUpThreshold = row.GetInt64(4),
        TopUpCredits = row.GetInt64(5),
    };

    internal static LedgerRow Map(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetInt64(1),
        row.GetString(2),
        row.GetString(3),
        row.GetInt64(4),
        row.GetInt64(5),
        row.GetJson(6),
        row.GetInt64(7),
        row.GetTime(8))
    {
        BudgetId = row.GetGuidOrNull(9),
        Reserves = row.GetBoolean(10),
    };
}
