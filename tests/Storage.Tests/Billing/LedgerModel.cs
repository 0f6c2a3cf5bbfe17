using Grainflow.Storage.Billing;

namespace Grainflow.Storage.Tests.Billing;

/// <summary>The rules of a ledger a second time, without a database: replays the rows of a user and says what each one has to be.</summary>
/// <param name="operations">What was asked for under each key. A settlement may have been asked for with several amounts.</param>
internal sealed class LedgerModel(ILookup<string, LedgerOperation> operations)
{
    private readonly Dictionary<string, LedgerRow> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, long> _spent = [];

    /// <summary>The balance after the rows that were replayed.</summary>
    public long Balance { get; private set; }

    /// <summary>The rows that were replayed, by key.</summary>
    public IReadOnlyDictionary<string, LedgerRow> Rows => _rows;

    /// <summary>What is spent of each budget after the rows that were replayed.</summary>
    public IReadOnlyDictionary<Guid, long> Spent => _spent;

    /// <summary>Checks the next row of the ledger.</summary>
    public void Replay(LedgerRow row)
    {
        Assert.Equal(_rows.Count + 1, row.Sequence);
        var asked = operations[row.TransactionKey].ToList();
        Assert.NotEmpty(asked);
        Assert.Contains((row.Type, row.Amount, row.Shortfall), asked.Select(Expected));
        Balance += row.Amount;
        Assert.Equal(Balance, row.RunningBalance);
        Assert.InRange(Balance, 0, int.MaxValue);
        Assert.True(_rows.TryAdd(row.TransactionKey, row), $"The key {row.TransactionKey} is there twice.");
        Count(asked[0], row.Amount);
    }

    /// <summary>What a settlement costs together with its charge.</summary>
    public long Net(string charge) => -_rows[charge].Amount - _rows[LedgerKeys.SettlementOf(charge)].Amount;

    private (string Type, long Amount, long Shortfall) Expected(LedgerOperation operation)
    {
        var wanted = operation.Amount;
        if (operation.Settles is { } charge)
        {
            var unused = -_rows[charge].Amount + wanted;
            return (operation.Type, Math.Max(unused, 0), Math.Max(-unused, 0));
        }

        if (operation.RaiseTo is { } target) return (operation.Type, Math.Max(target - Balance, 0), 0);
        var taken = operation.TakeWhatIsThere ? Math.Min(-wanted, Balance) : -wanted;
        return (operation.Type, -taken, -wanted - taken);
    }

    private void Count(LedgerOperation operation, long amount)
    {
        var budget = operation.Settles is { } charge ? operations[charge].First().Budget : operation.Budget;
        if (budget is null) return;
        var spent = _spent[budget.RootRunId] = _spent.GetValueOrDefault(budget.RootRunId) - amount;
        Assert.InRange(spent, 0, budget.MaxCredits);
    }
}
