using Grainflow.Storage.Notifications;

namespace Grainflow.Storage.Billing;

/// <summary>A change of a wallet, known by its key: repeated, it changes nothing.</summary>
public sealed record LedgerOperation
{
    /// <summary>Unique for the user.</summary>
    public required string TransactionKey { get; init; }

    /// <summary>One of <see cref="LedgerType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>Credits; negative to spend. Ignored when <see cref="RaiseTo"/> is set.</summary>
    public long Amount { get; init; }

    /// <summary>Grants what is missing to this balance, recorded even when that is 0. Null for a plain amount.</summary>
    public long? RaiseTo { get; init; }

    /// <summary>
    /// Takes what is there when the balance is below a negative <see cref="Amount"/> and records the rest as shortfall (decision 10),
    /// instead of refusing.
    /// </summary>
    public bool TakeWhatIsThere { get; init; }

    /// <summary>The charge takes a maximum, and a second operation that names it in <see cref="Settles"/> gives back what was not used (decision 32).</summary>
    public bool Reserves { get; init; }

    /// <summary>
    /// The key of a charge that this operation settles, or null. <see cref="Amount"/>, 0 or negative, is what the charge costs in the end: what was reserved beyond it is
    /// given back, and what is missing is recorded as shortfall and not taken.
    /// </summary>
    public string? Settles { get; init; }

    /// <summary>The budget that a charge counts against; null for none.</summary>
    public LedgerBudget? Budget { get; init; }

    /// <summary>The graph of the run that a charge is for. When the balance does not suffice, its user is told once per graph (contract: semantics 3.4); null tells nobody.</summary>
    public Guid? GraphId { get; init; }

    /// <summary>Details, a UTF-8 JSON object; null for none.</summary>
    public ReadOnlyMemory<byte>? Metadata { get; init; }
}

/// <summary>What a run and its sub-agents may spend together.</summary>
/// <param name="RootRunId">The run that was started with the budget.</param>
/// <param name="MaxCredits">0 or more.</param>
public sealed record LedgerBudget(Guid RootRunId, long MaxCredits);

/// <summary>The kinds of ledger rows (contract: semantics 3.5).</summary>
public static class LedgerType
{
    /// <summary>Spending.</summary>
    public const string Usage = "USAGE";

    /// <summary>A gift: onboarding, monthly refill, administrator.</summary>
    public const string Grant = "GRANT";

    /// <summary>A purchase.</summary>
    public const string TopUp = "TOP_UP";

    /// <summary>Money given back by the payment provider; negative.</summary>
    public const string Refund = "REFUND";

    /// <summary>A card was checked; 0.</summary>
    public const string CardCheck = "CARD_CHECK";
}

/// <summary>Keys of ledger rows.</summary>
public static class LedgerKeys
{
    /// <summary>The key of the row that settles a charge.</summary>
    /// <param name="charge">The key of the charge.</param>
    public static string SettlementOf(string charge) => charge + ":settled";
}

/// <summary>The answer to a <see cref="LedgerOperation"/>.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Balance">The running balance of the row (applied now or before), else the balance that was too small or is unchanged.</param>
/// <param name="Sequence">The row's place in the user's ledger, from 1; 0 when there is none.</param>
/// <param name="Amount">The recorded amount, of a settlement together with that of its charge; 0 when there is no row.</param>
/// <param name="Shortfall">What could not be taken, 0 or more.</param>
public sealed record LedgerResult(LedgerOutcome Outcome, long Balance, long Sequence, long Amount, long Shortfall)
{
    /// <summary>How many credits are bought automatically because the new balance is below the threshold of the user; 0 for none. Set for charges that were applied.</summary>
    public long TopUp { get; init; }

    /// <summary>What was written in the same transaction for users and operators to be told of this operation (decision 42); null for nothing.</summary>
    public IReadOnlyList<NotificationEvent>? Told { get; init; }

    /// <summary>What of the budget was spent or reserved already when a charge was refused as <see cref="LedgerOutcome.OverBudget"/>; else 0.</summary>
    public long BudgetSpent { get; init; }
}

/// <summary>What became of a <see cref="LedgerOperation"/>.</summary>
public enum LedgerOutcome
{
    /// <summary>It is a new row of the ledger.</summary>
    Applied,

    /// <summary>The same operation was applied before; nothing changed.</summary>
    AlreadyApplied,

    /// <summary>The balance is too small; nothing changed.</summary>
    Insufficient,

    /// <summary>The key belongs to an operation of another type or amount; nothing changed.</summary>
    KeyReused,

    /// <summary>What is left of the budget is too small; nothing changed.</summary>
    OverBudget,

    /// <summary>There is no charge under the key that is to be settled; nothing changed.</summary>
    NothingToSettle,
}
