namespace Grainflow.Storage.Billing;

/// <summary>The rules of the ledger, on a locked wallet and the rows that its operations may repeat.</summary>
internal sealed class LedgerPage(Wallet wallet, IEnumerable<LedgerRow> recorded, DateTimeOffset at)
{
    private static readonly byte[] NoMetadata = "{}"u8.ToArray();

    private readonly Dictionary<string, LedgerRow> _byKey = recorded.ToDictionary(row => row.TransactionKey, StringComparer.Ordinal);
    private readonly List<LedgerRow> _newRows = [];

    /// <summary>The wallet after the operations applied so far.</summary>
    public Wallet Wallet { get; private set; } = wallet;

    public IReadOnlyList<LedgerRow> NewRows => _newRows;

    public LedgerResult Apply(LedgerOperation operation)
    {
        if (_byKey.TryGetValue(operation.TransactionKey, out var row))
            return Answer(IsRepeat(operation, row) ? LedgerOutcome.AlreadyApplied : LedgerOutcome.KeyReused, row);

        var balance = Wallet.Balance;
        var wanted = operation.RaiseTo is { } target ? Math.Max(target - balance, 0) : operation.Amount;
        var amount = operation.TakeWhatIsThere ? Math.Max(wanted, -balance) : wanted;
        if (balance + amount < 0) return new LedgerResult(LedgerOutcome.Insufficient, balance, 0, 0, 0);

        row = new LedgerRow(
            Wallet.UserId,
            Wallet.LastSequence + 1,
            operation.TransactionKey,
            operation.Type,
            amount,
            checked(balance + amount),
            operation.Metadata ?? NoMetadata,
            amount - wanted,
            at);
        _newRows.Add(row);
        _byKey.Add(row.TransactionKey, row);
        Wallet = new Wallet(Wallet.UserId, row.RunningBalance, row.Sequence, at);
        return Answer(LedgerOutcome.Applied, row);
    }

    // A raise has no amount of its own: what it was worth depended on the balance then.
    private static bool IsRepeat(LedgerOperation operation, LedgerRow row) =>
        row.Type == operation.Type && (operation.RaiseTo is not null || row.Amount - row.Shortfall == operation.Amount);

    private static LedgerResult Answer(LedgerOutcome outcome, LedgerRow row) =>
        new(outcome, row.RunningBalance, row.Sequence, row.Amount, row.Shortfall);
}
