namespace Grainflow.Storage.Billing;

/// <summary>Wallets and the append-only ledger they follow from.</summary>
public interface ILedgerStore
{
    /// <summary>
    /// Applies operations on several wallets in one transaction, those of a wallet in their order. A refused operation does not prevent the others. The rows of
    /// a wallet get increasing times, a microsecond apart where they are written together, so that a history can be read on from a time.
    /// </summary>
    /// <param name="wallets">The operations by wallet, each user once; a key may repeat.</param>
    /// <param name="at">The time of the new rows.</param>
    /// <param name="cancellationToken">Gives up; whether it was applied is unknown then, and repeating it is safe.</param>
    /// <returns>For each wallet one result per operation, all in the order given.</returns>
    Task<IReadOnlyList<IReadOnlyList<LedgerResult>>> ApplyAsync(
        IReadOnlyList<WalletOperations> wallets, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>The wallet; an unknown user has an empty one.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<Wallet> WalletAsync(string userId, CancellationToken cancellationToken);

    /// <summary>Sets when credits are bought automatically for a user. It creates the wallet of a user who has none.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="threshold">Credits are bought when the balance is below; 0 for never.</param>
    /// <param name="credits">How many; 0 or more.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task SetAutoTopUpAsync(string userId, long threshold, long credits, CancellationToken cancellationToken);

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

/// <summary>What is to be applied to one wallet.</summary>
/// <param name="UserId">Whose wallet.</param>
/// <param name="Operations">The operations in their order.</param>
public sealed record WalletOperations(string UserId, IReadOnlyList<LedgerOperation> Operations);
