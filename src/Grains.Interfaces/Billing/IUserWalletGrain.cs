namespace Grainflow.Grains.Interfaces.Billing;

/// <summary>The credits of one user; the key is the user id. The balance follows from an append-only ledger in the database.</summary>
[Alias("grainflow.IUserWalletGrain")]
public interface IUserWalletGrain : IGrainWithStringKey
{
    /// <summary>The balance, after the monthly grant if that is due (contract: semantics 3.6).</summary>
    /// <returns>Credits, 0 or more.</returns>
    [Alias("GetBalance")]
    Task<long> GetBalance();

    /// <summary>Whether credits are charged here. Where they are not, the balance is a fixed number and the history is empty (contract: semantics 3.1).</summary>
    [Alias("HasCredits")]
    Task<bool> HasCredits();

    /// <summary>Charges credits, once per transaction key, in full or not at all.</summary>
    /// <param name="command">The charge.</param>
    [Alias("Spend")]
    Task<SpendResult> Spend(Spend command);

    /// <summary>Reads what was charged by a call of <see cref="Spend"/> whose answer was lost. It charges nothing, and waits for a charge that is being written.</summary>
    /// <param name="transactionKey">The key of the charge.</param>
    /// <returns>The credits that the ledger has under the key; 0 when it has none.</returns>
    [Alias("FindCharge")]
    Task<long> FindCharge(string transactionKey);

    /// <summary>
    /// Ends a charge whose price depends on what the node used: gives back what was reserved too much, once per charge (decision 32). What was used beyond the
    /// reservation is recorded as shortfall and not charged.
    /// </summary>
    /// <param name="command">The charge, and what it costs in the end.</param>
    /// <returns>The credits that the charge and its settlement take together; of a repeated call those of the first. 0 when nothing was charged under the key.</returns>
    [Alias("Settle")]
    Task<long> Settle(SettleCharge command);

    /// <summary>Changes the balance by a grant, a payment or a refund, once per transaction key. It does so also where credits are switched off.</summary>
    /// <param name="change">The change.</param>
    [Alias("Apply")]
    Task<WalletChangeResult> Apply(WalletChange change);

    /// <summary>The balance below which credits are bought automatically, and how many.</summary>
    [Alias("GetAutoTopUp")]
    Task<AutoTopUp> GetAutoTopUp();

    /// <summary>Replaces what <see cref="GetAutoTopUp"/> answers. It buys nothing.</summary>
    /// <param name="config">The new setting; checked by the caller.</param>
    [Alias("SetAutoTopUp")]
    Task SetAutoTopUp(AutoTopUp config);
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

    /// <summary>The run that the node belongs to.</summary>
    [Id(3)]
    public Guid RunId { get; init; }

    /// <summary>The graph of the run. The user is told once per graph that the balance does not suffice (contract: semantics 3.4).</summary>
    [Id(4)]
    public Guid GraphId { get; init; }

    /// <summary>The budget that the charge is counted against; null for none.</summary>
    [Id(5)]
    public RunBudget? Budget { get; init; }

    /// <summary>True when the charge takes a maximum that <see cref="IUserWalletGrain.Settle"/> gives back in part when the node has ended.</summary>
    [Id(6)]
    public bool Reserves { get; init; }
}

/// <summary>How much a run and its sub-agents may spend together. Reservations count in full until they are settled.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.RunBudget")]
public sealed record RunBudget
{
    /// <summary>The run that was started with the budget.</summary>
    [Id(0)]
    public required Guid RootRunId { get; init; }

    /// <summary>In credits; 0 or more.</summary>
    [Id(1)]
    public required long MaxCredits { get; init; }
}

/// <summary>Why a charge was refused.</summary>
[GenerateSerializer, Alias("grainflow.SpendRefusal")]
public enum SpendRefusal
{
    /// <summary>It was not refused.</summary>
    None = 0,

    /// <summary>The balance is smaller than the charge.</summary>
    InsufficientBalance = 1,

    /// <summary>What is left of the budget of the run is smaller than the charge.</summary>
    OverBudget = 2,
}

/// <summary>Asks for the settlement of a charge.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SettleCharge")]
public sealed record SettleCharge
{
    /// <summary>The key of the charge.</summary>
    [Id(0)]
    public required string TransactionKey { get; init; }

    /// <summary>What the charge costs in the end; 0 or more. More than was reserved is allowed, and not charged.</summary>
    [Id(1)]
    public required long Credits { get; init; }

    /// <summary>A JSON object that is stored with the transaction.</summary>
    [Id(2)]
    public required JsonPayload Metadata { get; init; }
}

/// <summary>A change of a wallet that no node causes.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.WalletChange")]
public sealed record WalletChange
{
    /// <summary>Names the change for this user (contract: semantics 3.5, column "Key").</summary>
    [Id(0)]
    public required string TransactionKey { get; init; }

    /// <summary>TOP_UP, GRANT, REFUND or CARD_CHECK.</summary>
    [Id(1)]
    public required string Type { get; init; }

    /// <summary>Credits; negative to take some.</summary>
    [Id(2)]
    public required long Credits { get; init; }

    /// <summary>Takes what is there when the balance is smaller than a negative <see cref="Credits"/>, and records the rest as shortfall, in place of refusing (decision 10).</summary>
    [Id(3)]
    public bool TakeWhatIsThere { get; init; }

    /// <summary>A JSON object that is stored with the transaction.</summary>
    [Id(4)]
    public required JsonPayload Metadata { get; init; }
}

/// <summary>The result of a <see cref="WalletChange"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.WalletChangeResult")]
public sealed record WalletChangeResult
{
    /// <summary>Whether the change is in the ledger.</summary>
    [Id(0)]
    public required WalletChangeOutcome Outcome { get; init; }

    /// <summary>The balance after the change, or the present one when it was refused. Of a repeated change: the balance right after it was first applied.</summary>
    [Id(1)]
    public required long Balance { get; init; }

    /// <summary>The credits that the ledger has recorded; 0 when the change was refused.</summary>
    [Id(2)]
    public required long Credits { get; init; }

    /// <summary>What could not be taken; 0 or more.</summary>
    [Id(3)]
    public required long Shortfall { get; init; }
}

/// <summary>Whether a change of a wallet is in the ledger.</summary>
[GenerateSerializer, Alias("grainflow.WalletChangeOutcome")]
public enum WalletChangeOutcome
{
    /// <summary>It is, by this call.</summary>
    Applied = 0,

    /// <summary>It is, by an earlier call.</summary>
    AlreadyApplied = 1,

    /// <summary>It is not: the balance is too small.</summary>
    Insufficient = 2,

    /// <summary>It is not: the key belongs to a transaction of another type or amount.</summary>
    KeyReused = 3,
}

/// <summary>When credits are bought automatically (contract: semantics 3.7).</summary>
[GenerateSerializer, Immutable, Alias("grainflow.AutoTopUp")]
public sealed record AutoTopUp
{
    /// <summary>Credits are bought when the balance is below this; 0 switches it off.</summary>
    [Id(0)]
    public required long Threshold { get; init; }

    /// <summary>How many are bought at a time.</summary>
    [Id(1)]
    public required long Credits { get; init; }
}

/// <summary>The result of a charge.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.SpendResult")]
public sealed record SpendResult
{
    /// <summary>True when the charge is in the ledger, by this call or an earlier one, or when credits are switched off.</summary>
    [Id(0)]
    public required bool Paid { get; init; }

    /// <summary>The credits charged; 0 when credits are switched off.</summary>
    [Id(1)]
    public required long Charged { get; init; }

    /// <summary>The balance after the charge, or the present one when it was refused.</summary>
    [Id(2)]
    public required long Balance { get; init; }

    /// <summary>Why the charge was refused.</summary>
    [Id(3)]
    public SpendRefusal Refusal { get; init; }

    /// <summary>What of the budget was spent or reserved already when the charge was refused by <see cref="SpendRefusal.OverBudget"/>; else 0.</summary>
    [Id(4)]
    public long BudgetSpent { get; init; }
}
