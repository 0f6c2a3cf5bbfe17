namespace Grainflow.Storage.Billing;

/// <summary>Wallets and the append-only ledger they follow from.</summary>
public interface ILedgerStore
{
    /// <summary>Applies operations in order, in one transaction. A refused operation does not prevent the others.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="operations">The operations; a key may repeat.</param>
    /// <param name="at">The time of the new rows.</param>
    /// <param name="cancellationToken">Gives up; whether it was applied is unknown then, and repeating it is safe.</param>
    /// <returns>One result per operation, in order.</returns>
    Task<IReadOnlyList<LedgerResult>> ApplyAsync(
        string userId,
        IReadOnlyList<LedgerOperation> operations,
        DateTimeOffset at,
        CancellationToken cancellationToken);

    /// <summary>The wallet; an unknown user has an empty one.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<Wallet> WalletAsync(string userId, CancellationToken cancellationToken);

    /// <summary>A row by its key, or null.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="transactionKey">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<LedgerRow?> FindAsync(string userId, string transactionKey, CancellationToken cancellationToken);

    /// <summary>The rows of some keys, in no particular order; a key without a row is left out.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="transactionKeys">The keys.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<LedgerRow>> FindAllAsync(string userId, IReadOnlyCollection<string> transactionKeys, CancellationToken cancellationToken);

    /// <summary>A page of the history, newest first.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="query">Which part.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<LedgerRow>> HistoryAsync(string userId, LedgerQuery query, CancellationToken cancellationToken);
}
