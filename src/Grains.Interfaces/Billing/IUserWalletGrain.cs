namespace Grainflow.Grains.Interfaces.Billing;

/// <summary>The credits of one user; the key is the user id. The truth is an append-only ledger.</summary>
[Alias("grainflow.IUserWalletGrain")]
public interface IUserWalletGrain : IGrainWithStringKey
{
    /// <summary>The balance, after the grant of the month when that is due (contract: semantics 3.6).</summary>
    /// <returns>Credits, 0 or more.</returns>
    [Alias("GetBalance")]
    Task<long> GetBalance();

    /// <summary>Spends credits once per transaction key, all or nothing.</summary>
    /// <param name="command">What for.</param>
    [Alias("Spend")]
    Task<SpendResult> Spend(Spend command);

    /// <summary>What was taken for a charge whose answer is not known. Asking charges nothing.</summary>
    /// <param name="transactionKey">The key of the charge.</param>
    /// <returns>Credits that the ledger has under the key, 0 when it has none. A charge that is being written is waited for.</returns>
    [Alias("FindCharge")]
    Task<long> FindCharge(string transactionKey);

    /// <summary>Grants credits once per transaction key.</summary>
    /// <param name="transactionKey">Names the grant for this user.</param>
    /// <param name="credits">1 or more.</param>
    /// <param name="reason">Kept in the ledger.</param>
    /// <returns>The balance after it.</returns>
    [Alias("Grant")]
    Task<long> Grant(string transactionKey, long credits, string reason);
}
