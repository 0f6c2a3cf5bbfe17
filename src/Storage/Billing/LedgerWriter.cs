namespace Grainflow.Storage.Billing;

/// <summary>
/// Writes the operations on all wallets of this process, many in one transaction (<see cref="BatchWriter{TItem, TResult}"/>, ADR 0031). Thread-safe.
/// </summary>
public sealed class LedgerWriter
{
    private readonly ILedgerStore _store;
    private readonly TimeProvider _clock;
    private readonly BatchWriter<Request, LedgerResult> _writer;

    /// <summary>A writer that has nothing to write.</summary>
    /// <param name="store">The ledger.</param>
    /// <param name="options">How many operations a transaction has at most.</param>
    /// <param name="clock">The time of new rows.</param>
    public LedgerWriter(ILedgerStore store, LedgerOptions options, TimeProvider clock)
    {
        (_store, _clock) = (store, clock);
        _writer = new BatchWriter<Request, LedgerResult>(WriteAsync, () =>
        {
            var left = options.MaxBatchOperations;
            return _ => left-- > 0;
        });
    }

    /// <summary>Applies an operation. Operations on a wallet are applied in the order of the calls.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="operation">The operation.</param>
    /// <returns>
    /// The result, when it is durable. After an error that is not one of the data, it is unknown whether the operation was applied, and repeating it with the same transaction key
    /// does not apply it twice.
    /// </returns>
    public Task<LedgerResult> ApplyAsync(string userId, LedgerOperation operation) => _writer.WriteAsync(new Request(userId, operation));

    private async Task<IReadOnlyList<LedgerResult>> WriteAsync(IReadOnlyList<Request> requests)
    {
        var wallets = requests.Index().GroupBy(item => item.Item.UserId, StringComparer.Ordinal).ToList();
        var answers = await _store.ApplyAsync([.. wallets.Select(wallet => new WalletOperations(wallet.Key, [.. wallet.Select(item => item.Item.Operation)]))], _clock.GetUtcNow(), CancellationToken.None);
        var results = new LedgerResult[requests.Count];
        foreach (var (wallet, ofWallet) in wallets.Zip(answers))
            foreach (var (item, answer) in wallet.Zip(ofWallet)) results[item.Index] = answer;
        return results;
    }

    private sealed record Request(string UserId, LedgerOperation Operation);
}
