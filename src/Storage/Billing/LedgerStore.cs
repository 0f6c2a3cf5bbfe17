using Npgsql;

namespace Grainflow.Storage.Billing;

/// <inheritdoc cref="ILedgerStore"/>
/// <param name="database">The database.</param>
public sealed class LedgerStore(Database database) : ILedgerStore
{
    private const string Columns = "user_id, seq, transaction_key, type, amount, running_balance, metadata, shortfall, at";

    private static readonly RowColumns<LedgerRow> LedgerColumns = new RowColumns<LedgerRow>()
        .Text("user_id", row => row.UserId)
        .Bigint("seq", row => row.Sequence)
        .Text("transaction_key", row => row.TransactionKey)
        .Text("type", row => row.Type)
        .Bigint("amount", row => row.Amount)
        .Bigint("running_balance", row => row.RunningBalance)
        .Json("metadata", row => row.Metadata)
        .Bigint("shortfall", row => row.Shortfall)
        .Time("at", row => row.At);

    private static readonly RowStatement<LedgerPage> WriteStatement = new RowStatement<LedgerPage>()
        .Value("user_id", page => page.Wallet.UserId)
        .Value("balance", page => page.Wallet.Balance)
        .Value("last_seq", page => page.Wallet.LastSequence)
        .Value("updated_at", page => page.Wallet.UpdatedAt!)
        .Rows("ledger_rows", LedgerColumns, page => page.NewRows)
        .Text(
            $"""
            WITH wallet AS (
              UPDATE wallets SET balance = @balance, last_seq = @last_seq, updated_at = @updated_at WHERE user_id = @user_id
            )
            INSERT INTO ledger ({LedgerColumns.Names}) SELECT * FROM @ledger_rows
            """);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerResult>> ApplyAsync(
        string userId,
        IReadOnlyList<LedgerOperation> operations,
        DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        if (operations.Count == 0) return [];

        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var wallet = await LockAsync(session, userId, cancellationToken);
        var recorded = await session.ListAsync(
            Plan.ByIndex,
            $"SELECT {Columns} FROM ledger WHERE user_id = $1 AND transaction_key = ANY ($2)",
            [userId, operations.Select(operation => operation.TransactionKey).Distinct(StringComparer.Ordinal).ToArray()],
            Map,
            cancellationToken);

        var page = new LedgerPage(wallet, recorded, at);
        var results = operations.Select(page.Apply).ToList();
        if (page.NewRows.Count > 0)
        {
            await WriteAsync(session, page, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return results;
    }

    /// <inheritdoc/>
    public async Task<Wallet> WalletAsync(string userId, CancellationToken cancellationToken) =>
        await database.FirstAsync(
            Plan.ByIndex,
            "SELECT user_id, balance, last_seq, updated_at FROM wallets WHERE user_id = $1",
            [userId],
            MapWallet,
            cancellationToken) ?? new Wallet(userId, 0, 0, null);

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
            WHERE user_id = $1 AND ($2::text IS NULL OR type = $2) AND at < coalesce($3::timestamptz, 'infinity')
            ORDER BY at DESC, seq DESC LIMIT $4
            """,
            [userId, query.Type, query.Before, query.Limit],
            Map,
            cancellationToken);

    // The lock of the wallet row is what orders the operations of a user, across processes.
    private static async Task<Wallet> LockAsync(DatabaseSession session, string userId, CancellationToken cancellationToken)
    {
        const string Select = "SELECT user_id, balance, last_seq, updated_at FROM wallets WHERE user_id = $1 FOR UPDATE";
        var wallets = await session.ListAsync(Plan.ByIndex, Select, [userId], MapWallet, cancellationToken);
        if (wallets.Count > 0) return wallets[0];

        await session.ExecuteAsync(
            Plan.ByIndex,
            "INSERT INTO wallets (user_id, balance, last_seq) VALUES ($1, 0, 0) ON CONFLICT (user_id) DO NOTHING",
            [userId],
            cancellationToken);
        return (await session.ListAsync(Plan.ByIndex, Select, [userId], MapWallet, cancellationToken))[0];
    }

    private static Task<int> WriteAsync(DatabaseSession session, LedgerPage page, CancellationToken cancellationToken) =>
        session.ExecuteAsync(Plan.ByIndex, WriteStatement.Sql, WriteStatement.Parameters(page), cancellationToken);

    private static Wallet MapWallet(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetTimeOrNull(3));

    private static LedgerRow Map(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetInt64(1),
        row.GetString(2),
        row.GetString(3),
        row.GetInt64(4),
        row.GetInt64(5),
        row.GetJson(6),
        row.GetInt64(7),
        row.GetTime(8));
}
