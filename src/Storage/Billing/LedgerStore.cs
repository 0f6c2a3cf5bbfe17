using Npgsql;

namespace Grainflow.Storage.Billing;

/// <inheritdoc cref="ILedgerStore"/>
/// <param name="dataSource">The database.</param>
public sealed class LedgerStore(NpgsqlDataSource dataSource) : ILedgerStore
{
    private const string Columns = "user_id, seq, transaction_key, type, amount, running_balance, metadata, shortfall, at";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerResult>> ApplyAsync(
        string userId,
        IReadOnlyList<LedgerOperation> operations,
        DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        if (operations.Count == 0) return [];

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var wallet = await LockAsync(connection, userId, cancellationToken);
        var recorded = await connection.ListAsync(
            $"SELECT {Columns} FROM ledger WHERE user_id = $1 AND transaction_key = ANY ($2)",
            [userId, operations.Select(operation => operation.TransactionKey).Distinct(StringComparer.Ordinal).ToArray()],
            Map,
            cancellationToken);

        var page = new LedgerPage(wallet, recorded, at);
        var results = operations.Select(page.Apply).ToList();
        if (page.NewRows.Count > 0)
        {
            await WriteAsync(connection, page, at, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return results;
    }

    /// <inheritdoc/>
    public async Task<Wallet> WalletAsync(string userId, CancellationToken cancellationToken) =>
        await dataSource.FirstAsync(
            "SELECT user_id, balance, last_seq, updated_at FROM wallets WHERE user_id = $1",
            [userId],
            MapWallet,
            cancellationToken) ?? new Wallet(userId, 0, 0, null);

    /// <inheritdoc/>
    public Task<LedgerRow?> FindAsync(string userId, string transactionKey, CancellationToken cancellationToken) =>
        dataSource.FirstAsync(
            $"SELECT {Columns} FROM ledger WHERE user_id = $1 AND transaction_key = $2",
            [userId, transactionKey],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerRow>> FindAllAsync(string userId, IReadOnlyCollection<string> transactionKeys, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"SELECT {Columns} FROM ledger WHERE user_id = $1 AND transaction_key = ANY($2)",
            [userId, transactionKeys.ToArray()],
            Map,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerRow>> HistoryAsync(string userId, LedgerQuery query, CancellationToken cancellationToken) =>
        await dataSource.ListAsync(
            $"""
            SELECT {Columns} FROM ledger
            WHERE user_id = $1 AND ($2::text IS NULL OR type = $2) AND at < coalesce($3::timestamptz, 'infinity')
            ORDER BY at DESC, seq DESC LIMIT $4
            """,
            [userId, query.Type, query.Before, query.Limit],
            Map,
            cancellationToken);

    // The lock of the wallet row is what orders the operations of a user, across processes.
    private static async Task<Wallet> LockAsync(NpgsqlConnection connection, string userId, CancellationToken cancellationToken)
    {
        const string Select = "SELECT user_id, balance, last_seq, updated_at FROM wallets WHERE user_id = $1 FOR UPDATE";
        var wallets = await connection.ListAsync(Select, [userId], MapWallet, cancellationToken);
        if (wallets.Count > 0) return wallets[0];

        await connection.ExecuteAsync(
            "INSERT INTO wallets (user_id, balance, last_seq) VALUES ($1, 0, 0) ON CONFLICT (user_id) DO NOTHING",
            [userId],
            cancellationToken);
        return (await connection.ListAsync(Select, [userId], MapWallet, cancellationToken))[0];
    }

    private static Task<int> WriteAsync(NpgsqlConnection connection, LedgerPage page, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var rows = page.NewRows;
        return connection.ExecuteAsync(
            $"""
            WITH wallet AS (
              UPDATE wallets SET balance = $2, last_seq = $3, updated_at = $4 WHERE user_id = $1
            )
            INSERT INTO ledger ({Columns})
            SELECT $1, r.seq, r.transaction_key, r.type, r.amount, r.running_balance, r.metadata, r.shortfall, $4
            FROM unnest($5, $6, $7, $8, $9, $10, $11)
              AS r (seq, transaction_key, type, amount, running_balance, metadata, shortfall)
            """,
            [
                page.Wallet.UserId, page.Wallet.Balance, page.Wallet.LastSequence, at,
                rows.Select(row => row.Sequence).ToArray(),
                rows.Select(row => row.TransactionKey).ToArray(),
                rows.Select(row => row.Type).ToArray(),
                rows.Select(row => row.Amount).ToArray(),
                rows.Select(row => row.RunningBalance).ToArray(),
                Sql.JsonArray(rows.Select(row => (ReadOnlyMemory<byte>?)row.Metadata)),
                rows.Select(row => row.Shortfall).ToArray(),
            ],
            cancellationToken);
    }

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
