using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Storage.Notifications;

namespace Grainflow.Storage.Billing;

/// <summary>The rules of the ledger, on a locked wallet and the rows and budgets that its operations may concern.</summary>
/// <param name="wallet">The wallet.</param>
/// <param name="recorded">The rows whose keys the operations have or settle.</param>
/// <param name="spent">What was spent of the budgets that the operations concern, by root run; one that is not there was not used yet.</param>
/// <param name="at">The time of the new rows; rows of a wallet have increasing times.</param>
/// <param name="options">When a user is told of a low balance.</param>
internal sealed class LedgerPage(Wallet wallet, IEnumerable<LedgerRow> recorded, IReadOnlyDictionary<Guid, LedgerBudgetRow> spent, DateTimeOffset at, LedgerOptions options)
{
    /// <summary>A balance is a signed number of 32 bits for clients (contract: semantics 3.5). What would go beyond is recorded as shortfall.</summary>
    private const long MaxBalance = int.MaxValue;

    private static readonly byte[] NoMetadata = "{}"u8.ToArray();

    private readonly Dictionary<string, LedgerRow> _byKey = recorded.ToDictionary(row => row.TransactionKey, StringComparer.Ordinal);
    private readonly Dictionary<Guid, LedgerBudgetRow> _budgets = [];
    private readonly Dictionary<Guid, long> _shortfalls = [];
    private readonly List<LedgerRow> _newRows = [];
    private readonly List<NotificationEvent> _notices = [];

    /// <summary>The wallet after the operations applied so far.</summary>
    public Wallet Wallet { get; private set; } = wallet;

    public IReadOnlyList<LedgerRow> NewRows => _newRows;

    /// <summary>The budgets that were changed.</summary>
    public IReadOnlyCollection<LedgerBudgetRow> Budgets => _budgets.Values;

    /// <summary>What somebody is to be told of the new rows.</summary>
    public IReadOnlyList<NotificationEvent> Notices => _notices;

    /// <summary>The graphs for which the balance did not suffice, each with the credits that the last refused charge lacked.</summary>
    public IReadOnlyDictionary<Guid, long> Shortfalls => _shortfalls;

    /// <summary>True when credits came in, after which the user is told again of a balance that does not suffice.</summary>
    public bool ForgetsNotices { get; private set; }

    public LedgerResult Apply(LedgerOperation operation) => operation.Settles is { } charge ? Settle(operation, charge) : Change(operation);

    private LedgerResult Change(LedgerOperation operation)
    {
        if (_byKey.TryGetValue(operation.TransactionKey, out var row))
            return Answer(IsRepeat(operation, row) ? LedgerOutcome.AlreadyApplied : LedgerOutcome.KeyReused, row);

        var balance = Wallet.Balance;
        var wanted = operation.RaiseTo is { } target ? Math.Max(target - balance, 0) : operation.Amount;
        var amount = Math.Min(operation.TakeWhatIsThere ? Math.Max(wanted, -balance) : wanted, MaxBalance - balance);
        if (balance + amount < 0)
        {
            if (operation.GraphId is { } graph) _shortfalls[graph] = -(balance + amount);
            return new LedgerResult(LedgerOutcome.Insufficient, balance, 0, 0, 0);
        }

        if (operation.Budget is { } budget && !TrySpend(budget, -amount)) return new LedgerResult(LedgerOutcome.OverBudget, balance, 0, 0, 0) { BudgetSpent = Budget(budget.RootRunId)?.Spent ?? 0 };
        var told = _notices.Count;
        row = Add(operation, amount, Math.Abs(amount - wanted), operation.Budget?.RootRunId);
        return Answer(LedgerOutcome.Applied, row) with { TopUp = TopUpAfter(amount), Told = _notices.Count > told ? _notices[told..] : null };
    }

    private LedgerResult Settle(LedgerOperation operation, string key)
    {
        if (!_byKey.TryGetValue(key, out var charge) || charge.Type != LedgerType.Usage)
            return new LedgerResult(LedgerOutcome.NothingToSettle, Wallet.Balance, 0, 0, 0);

        var outcome = LedgerOutcome.AlreadyApplied;
        if (!_byKey.TryGetValue(operation.TransactionKey, out var row))
        {
            var unused = operation.Amount - charge.Amount;
            if (charge.BudgetId is { } budget) GiveBack(budget, Math.Max(unused, 0));
            var settlement = operation with { Metadata = Merged(charge.Metadata, operation.Metadata) };
            (outcome, row) = (LedgerOutcome.Applied, Add(settlement, Math.Max(unused, 0), Math.Max(-unused, 0), charge.BudgetId));
        }

        return Answer(outcome, row) with { Amount = charge.Amount + row.Amount };
    }

    private LedgerRow Add(LedgerOperation operation, long amount, long shortfall, Guid? budgetId)
    {
        var row = new LedgerRow(
            Wallet.UserId,
            Wallet.LastSequence + 1,
            operation.TransactionKey,
            operation.Type,
            amount,
            checked(Wallet.Balance + amount),
            operation.Metadata ?? NoMetadata,
            shortfall,
            Wallet.UpdatedAt is { } last && last >= at ? last.AddMicroseconds(1) : at)
        {
            BudgetId = budgetId,
            Reserves = operation.Reserves,
        };
        _newRows.Add(row);
        _byKey.Add(row.TransactionKey, row);
        var before = Wallet.Balance;
        Wallet = Wallet with { Balance = row.RunningBalance, LastSequence = row.Sequence, UpdatedAt = row.At };
        if (amount > 0 && operation.Type is LedgerType.TopUp or LedgerType.Grant) ForgetsNotices = true;
        if (operation.Type == LedgerType.Usage && row.RunningBalance < options.LowBalanceThreshold && before >= options.LowBalanceThreshold) AddLowBalance(row);
        return row;
    }

    /// <summary>The user and the operators are told (contract: semantics 3.4 and 6.1).</summary>
    private void AddLowBalance(LedgerRow row)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(new { current_balance = row.RunningBalance, billing_page_link = options.BillingPage });
        var key = $"low-balance:{row.UserId}:{row.Sequence}";
        _notices.Add(new NotificationEvent { Key = key, Type = "LOW_BALANCE", UserId = row.UserId, Data = data, CreatedAt = row.At });
        _notices.Add(new NotificationEvent { Key = key + ":product", Type = "LOW_BALANCE", Channel = "product", Data = data, CreatedAt = row.At });
    }

    private long TopUpAfter(long amount) => amount < 0 && Wallet.Balance < Wallet.TopUpThreshold ? Wallet.TopUpCredits : 0;

    private bool TrySpend(LedgerBudget budget, long credits)
    {
        var used = Budget(budget.RootRunId)?.Spent ?? 0;
        if (used + credits > budget.MaxCredits) return false;
        _budgets[budget.RootRunId] = new LedgerBudgetRow(Wallet.UserId, budget.RootRunId, budget.MaxCredits, used + credits);
        return true;
    }

    private void GiveBack(Guid budgetId, long credits)
    {
        if (Budget(budgetId) is { } budget) _budgets[budgetId] = budget with { Spent = budget.Spent - credits };
    }

    private LedgerBudgetRow? Budget(Guid rootRunId) => _budgets.TryGetValue(rootRunId, out var changed) ? changed : spent.GetValueOrDefault(rootRunId);

    /// <summary>The details of a settlement: those of its charge, by which a history groups them, and its own in their place.</summary>
    private static byte[] Merged(ReadOnlyMemory<byte> charge, ReadOnlyMemory<byte>? settlement)
    {
        var members = JsonNode.Parse(charge.Span)!.AsObject();
        if (settlement is { } own)
            foreach (var (name, value) in JsonNode.Parse(own.Span)!.AsObject()) members[name] = value?.DeepClone();
        return JsonSerializer.SerializeToUtf8Bytes(members);
    }

    // A raise has no amount of its own: what it was worth depended on the balance then.
    private static bool IsRepeat(LedgerOperation operation, LedgerRow row) =>
        row.Type == operation.Type && (operation.RaiseTo is not null || row.Amount - row.Shortfall == operation.Amount || row.Amount + row.Shortfall == operation.Amount);

    private static LedgerResult Answer(LedgerOutcome outcome, LedgerRow row) =>
        new(outcome, row.RunningBalance, row.Sequence, row.Amount, row.Shortfall);
}
