namespace Grainflow.Storage.Billing;

/// <summary>A row of the ledger. Rows are never changed or deleted.</summary>
/// <param name="UserId">Whose wallet.</param>
/// <param name="Sequence">Its place in the user's ledger, from 1, without gaps.</param>
/// <param name="TransactionKey">Unique for the user.</param>
/// <param name="Type">One of <see cref="LedgerType"/>.</param>
/// <param name="Amount">Credits; negative for spending.</param>
/// <param name="RunningBalance">The balance after it, 0 or more.</param>
/// <param name="Metadata">Details, UTF-8 JSON.</param>
/// <param name="Shortfall">What could not be taken or given, 0 or more.</param>
/// <param name="At">When it was written; later rows of a user have later times.</param>
public sealed record LedgerRow(
    string UserId,
    long Sequence,
    string TransactionKey,
    string Type,
    long Amount,
    long RunningBalance,
    ReadOnlyMemory<byte> Metadata,
    long Shortfall,
    DateTimeOffset At)
{
    /// <summary>The root run whose budget the row counts against, or null.</summary>
    public Guid? BudgetId { get; init; }

    /// <summary>True for a charge that took a maximum and is settled by another row.</summary>
    public bool Reserves { get; init; }
}

/// <summary>What was spent of a budget.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="RootRunId">The run that was started with it.</param>
/// <param name="MaxCredits">The budget, 0 or more.</param>
/// <param name="Spent">Credits, from 0 to <paramref name="MaxCredits"/>.</param>
public sealed record LedgerBudgetRow(string UserId, Guid RootRunId, long MaxCredits, long Spent);

/// <summary>Which part of a user's history is wanted.</summary>
public sealed record LedgerQuery
{
    /// <summary>How many rows at most, newest first.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Only rows of this type; null for all.</summary>
    public string? Type { get; init; }

    /// <summary>Only rows strictly before this time; null for all.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>With <see cref="Before"/>, which is then the time of a row: only rows before that row, which has this sequence. 0 without a row.</summary>
    public long BeforeSequence { get; init; }
}

/// <summary>A wallet.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Balance">Credits, 0 or more.</param>
/// <param name="LastSequence">The sequence of the last ledger row; 0 for a wallet that was never used.</param>
/// <param name="UpdatedAt">When the last row was written, or null.</param>
public sealed record Wallet(string UserId, long Balance, long LastSequence, DateTimeOffset? UpdatedAt)
{
    /// <summary>Credits are bought automatically when the balance is below; 0 for never.</summary>
    public long TopUpThreshold { get; init; }

    /// <summary>How many credits are bought then.</summary>
    public long TopUpCredits { get; init; }
}
