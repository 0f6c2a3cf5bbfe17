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
