namespace Grainflow.Grains.Interfaces.Billing;

/// <summary>The credits of one user; the key is the user id. The balance follows from an append-only ledger in the database.</summary>
[Alias("grainflow.IUserWalletGrain")]
public interface IUserWalletGrain : IGrainWithStringKey
{
    /// <summary>The balance, after the monthly grant if that is due (contract: semantics 3.6).</summary>
    /// <returns>Credits, 0 or more.</returns>
    [Alias("GetBalance")]
    Task<long> GetBalance();

    /// <summary>Charges credits, once per transaction key, in full or not at all.</summary>
    /// <param name="command">The charge.</param>
    [Alias("Spend")]
    Task<SpendResult> Spend(Spend command);

    /// <summary>Reads what was charged by a call of <see cref="Spend"/> whose answer was lost. It charges nothing, and waits for a charge that is being written.</summary>
    /// <param name="transactionKey">The key of the charge.</param>
    /// <returns>The credits that the ledger has under the key; 0 when it has none.</returns>
    [Alias("FindCharge")]
    Task<long> FindCharge(string transactionKey);

    /// <summary>Grants credits once per transaction key.</summary>
    /// <param name="transactionKey">Names the grant for this user.</param>
    /// <param name="credits">1 or more.</param>
    /// <param name="reason">Stored in the ledger.</param>
    /// <returns>The balance after the grant.</returns>
    [Alias("Grant")]
    Task<long> Grant(string transactionKey, long credits, string reason);
}

/// <summary>Asks for a charge.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.Spend")]
public sealed record Spend
{
    /// <summary>Names the charge for this user; a second charge with the same key changes nothing. For a node it is the node execution id.</summary>
    [Id(0)]
    public required string TransactionKey { get; init; }

    /// <summary>1 or more.</summary>
    [Id(1)]
    public required long Credits { get; init; }

    /// <summary>A JSON object that is stored with the transaction: run, node, block, matched filter.</summary>
    [Id(2)]
    public required JsonPayload Metadata { get; init; }
}

/// <summary>The result of a charge.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SpendResult")]
public sealed record SpendResult
{
    /// <summary>True when the charge is in the ledger, by this call or an earlier one.</summary>
    [Id(0)]
    public required bool Paid { get; init; }

    /// <summary>The credits charged; 0 when credits are switched off.</summary>
    [Id(1)]
    public required long Charged { get; init; }

    /// <summary>The balance after the charge.</summary>
    [Id(2)]
    public required long Balance { get; init; }
}
