namespace Grainflow.Storage.Billing;

/// <summary>Questions about the ledgers of all users, for administrators.</summary>
public interface ILedgerQueries
{
    /// <summary>A page of the rows of all users, newest first.</summary>
    /// <param name="filter">Which rows.</param>
    /// <param name="skip">How many rows come before the page; 0 or more.</param>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<LedgerEntry>> PageAsync(LedgerFilter filter, long skip, int limit, CancellationToken cancellationToken);

    /// <summary>How many rows of all users there are.</summary>
    /// <param name="filter">Which rows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<long> CountAsync(LedgerFilter filter, CancellationToken cancellationToken);
}

/// <summary>Which rows of the ledgers are wanted.</summary>
/// <param name="Search">A part of the id, the mail address or the name of the user, in any case; null for all users.</param>
/// <param name="Type">One of <see cref="LedgerType"/>; null for all.</param>
public sealed record LedgerFilter(string? Search, string? Type);

/// <summary>A row with what an administrator wants to know about it.</summary>
/// <param name="Row">The row.</param>
/// <param name="UserEmail">The mail address of its user, or null.</param>
/// <param name="Balance">What its user has now.</param>
/// <param name="Reason">Why it was written, or null.</param>
/// <param name="AdminId">The administrator who has written it, or null.</param>
/// <param name="AdminEmail">The mail address of that administrator, or null.</param>
public sealed record LedgerEntry(LedgerRow Row, string? UserEmail, long Balance, string? Reason, string? AdminId, string? AdminEmail);

/// <inheritdoc cref="ILedgerQueries"/>
/// <param name="database">The database.</param>
public sealed class LedgerQueries(Database database) : ILedgerQueries
{
    private const string Filtered = """
        FROM ledger LEFT JOIN users ON users.id = ledger.user_id
        WHERE ($1::text IS NULL OR ledger.type = $1)
          AND ($2::text IS NULL OR ledger.user_id ILIKE $2 OR users.email ILIKE $2 OR users.name ILIKE $2)
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LedgerEntry>> PageAsync(LedgerFilter filter, long skip, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            $"""
            SELECT {LedgerStore.Columns}, page.email, wallets.balance, page.metadata->>'reason', page.metadata->>'admin_id', admins.email
            FROM (SELECT ledger.*, users.email {Filtered} ORDER BY at DESC, user_id, seq DESC OFFSET $3 LIMIT $4) AS page
            JOIN wallets USING (user_id) LEFT JOIN users AS admins ON admins.id = page.metadata->>'admin_id'
            ORDER BY at DESC, user_id, seq DESC
            """,
            [filter.Type, Pattern(filter.Search), skip, limit],
            row => new LedgerEntry(
                LedgerStore.Map(row), row.GetStringOrNull(11), row.GetInt64(12), row.GetStringOrNull(13), row.GetStringOrNull(14), row.GetStringOrNull(15)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<long> CountAsync(LedgerFilter filter, CancellationToken cancellationToken) =>
        (await database.ListAsync($"SELECT count(*) {Filtered}", [filter.Type, Pattern(filter.Search)], row => row.GetInt64(0), cancellationToken))[0];

    private static string? Pattern(string? search) => search is { Length: > 0 }
        ? $"%{search.Replace("\\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%"
        : null;
}
