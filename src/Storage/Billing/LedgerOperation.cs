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
    /// Takes what is there when the balance is below a negative <see cref="Amount"/> and records the rest as shortfall (decisions 10 and 32),
    /// instead of refusing.
    /// </summary>
    public bool TakeWhatIsThere { get; init; }

    /// <summary>Details, a UTF-8 JSON object; null for none.</summary>
    public ReadOnlyMemory<byte>? Metadata { get; init; }
}

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

/// <summary>The answer to a <see cref="LedgerOperation"/>.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Balance">The running balance of the row (applied now or before), else the balance that was too small or is unchanged.</param>
/// <param name="Sequence">The row's place in the user's ledger, from 1; 0 when there is none.</param>
/// <param name="Amount">The recorded amount; 0 when there is no row.</param>
/// <param name="Shortfall">What could not be taken, 0 or more.</param>
public sealed record LedgerResult(LedgerOutcome Outcome, long Balance, long Sequence, long Amount, long Shortfall);

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
}
