namespace Grainflow.Storage.Billing;

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
