using Grainflow.Storage.Billing;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The ledger behind the test's faults.</summary>
internal sealed class FaultyLedger(LedgerStore ledger, Faults faults, SiloLine line) : ILedgerStore
{
    public Task<IReadOnlyList<IReadOnlyList<LedgerResult>>> ApplyAsync(
        IReadOnlyList<WalletOperations> wallets, DateTimeOffset at, CancellationToken cancellationToken)
    {
        line.Check();
        return faults.ApplyAsync(() => ledger.ApplyAsync(wallets, at, cancellationToken));
    }

    public Task<Wallet> WalletAsync(string userId, CancellationToken cancellationToken) => faults.BalanceAsync(ledger.WalletAsync(userId, cancellationToken));

    public Task SetAutoTopUpAsync(string userId, long threshold, long credits, CancellationToken cancellationToken) =>
        ledger.SetAutoTopUpAsync(userId, threshold, credits, cancellationToken);

    public Task<LedgerRow?> FindAsync(string userId, string transactionKey, CancellationToken cancellationToken) =>
        ledger.FindAsync(userId, transactionKey, cancellationToken);

    public Task<IReadOnlyList<LedgerRow>> FindAllAsync(string userId, IReadOnlyCollection<string> transactionKeys, CancellationToken cancellationToken) =>
        ledger.FindAllAsync(userId, transactionKeys, cancellationToken);

    public Task<IReadOnlyList<LedgerRow>> HistoryAsync(string userId, LedgerQuery query, CancellationToken cancellationToken) =>
        ledger.HistoryAsync(userId, query, cancellationToken);
}
