using System.Text.Json;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Grainflow.Grains.Billing;

/// <inheritdoc cref="IUserWalletGrain"/>
/// <remarks>
/// Reentrant, so that operations that arrive while a transaction is under way are written together by the next one. The ledger in the database decides every
/// operation; this grain holds only those that it waits for and a short-lived copy of the balance.
/// </remarks>
[Reentrant, PreferLocalPlacement, StayingSilos]
public sealed partial class UserWalletGrain(ILedgerStore ledger, LedgerWriter writer, IOptions<GrainflowOptions> options, TimeProvider clock, BillingMetrics metrics, NotificationLog notifications, ILogger<UserWalletGrain> logger)
    : Grain, IUserWalletGrain
{
    /// <summary>The balance that everybody has while credit is switched off (contract: semantics 3.1).</summary>
    private const long DisabledBalance = 100;

    /// <summary>
    /// How long a balance that was read is answered again without a read; every start of a run asks for it. Writes of this activation clear it, so only a
    /// write by a second activation of the same user can make it stale.
    /// </summary>
    private static readonly TimeSpan BalanceLifetime = TimeSpan.FromSeconds(1);

    /// <summary>The operations that are being written, by transaction key; a key that is asked for twice has its last one.</summary>
    private readonly Dictionary<string, Task> _underWay = new(StringComparer.Ordinal);
    private string? _grantedMonth;
    private (long Balance, long ReadAt)? _known;
    private int _writes;
    private bool _toppingUp;

    private string UserId => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public Task<bool> HasCredits() => Task.FromResult(options.Value.EnableCredit);

    /// <inheritdoc/>
    public async Task<long> GetBalance()
    {
        if (!options.Value.EnableCredit) return DisabledBalance;
        if (options.Value.EnablePlatformPayment) return await BalanceAsync();
        var month = clock.GetUtcNow().ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
        if (month == _grantedMonth) return await BalanceAsync();

        var result = await ApplyAsync(new LedgerOperation
        {
            TransactionKey = "MONTHLY-CREDIT-TOP-UP-" + month,
            Type = LedgerType.Grant,
            RaiseTo = options.Value.NumUserCreditsRefill,
            Metadata = JsonSerializer.SerializeToUtf8Bytes(new { reason = "Monthly credit refill" }),
        });
        _grantedMonth = month;
        // For a grant that was applied before, the ledger answers the balance right after that grant, which is out of date.
        return result.Outcome == LedgerOutcome.Applied ? result.Balance : await BalanceAsync();
    }

    /// <inheritdoc/>
    public async Task<SpendResult> Spend(Spend command)
    {
        if (command.Credits < 1) throw new ArgumentException($"A charge must be 1 credit or more, not {command.Credits}.", nameof(command));
        if (!options.Value.EnableCredit) return new SpendResult { Paid = true, Charged = 0, Balance = DisabledBalance };

        var result = await ApplyAsync(new LedgerOperation
        {
            TransactionKey = command.TransactionKey,
            Type = LedgerType.Usage,
            Amount = -command.Credits,
            Reserves = command.Reserves,
            Budget = command.Budget is { } budget ? new LedgerBudget(budget.RootRunId, budget.MaxCredits) : null,
            GraphId = command.GraphId == Guid.Empty ? null : command.GraphId,
            Metadata = command.Metadata.Memory,
        });
        var refusal = result.Outcome switch
        {
            LedgerOutcome.Applied or LedgerOutcome.AlreadyApplied => SpendRefusal.None,
            LedgerOutcome.OverBudget => SpendRefusal.OverBudget,
            LedgerOutcome.Insufficient => SpendRefusal.InsufficientBalance,
            _ => throw new InvalidOperationException($"Transaction key '{command.TransactionKey}' was used before with another amount."),
        };
        var paid = refusal == SpendRefusal.None;
        if (!paid) metrics.Refused(refusal == SpendRefusal.OverBudget ? "budget" : "balance");
        if (result.TopUp > 0 && !_toppingUp) _ = TopUpAsync(command.RunId);
        return new SpendResult { Paid = paid, Charged = paid ? -result.Amount : 0, Balance = result.Balance, Refusal = refusal, BudgetSpent = result.BudgetSpent };
    }

    /// <inheritdoc/>
    public async Task<long> Settle(SettleCharge command)
    {
        if (command.Credits < 0) throw new ArgumentException($"A charge costs 0 credits or more in the end, not {command.Credits}.", nameof(command));
        if (!options.Value.EnableCredit) return 0;
        var result = await ApplyAsync(new LedgerOperation
        {
            TransactionKey = LedgerKeys.SettlementOf(command.TransactionKey),
            Type = LedgerType.Usage,
            Settles = command.TransactionKey,
            Amount = -command.Credits,
            Metadata = command.Metadata.Memory,
        });
        return -result.Amount;
    }

    /// <inheritdoc/>
    public async Task<long> FindCharge(string transactionKey)
    {
        // The caller may have stopped waiting for a charge that is still queued here. The ledger does not have it yet but will, so wait for its write.
        while (_underWay.TryGetValue(transactionKey, out var pending))
            await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var rows = await ledger.FindAllAsync(UserId, [transactionKey, LedgerKeys.SettlementOf(transactionKey)], CancellationToken.None);
        return -rows.Where(row => row.Type == LedgerType.Usage).Sum(row => row.Amount);
    }

    /// <inheritdoc/>
    public async Task<WalletChangeResult> Apply(WalletChange change)
    {
        if (change.Type is not (LedgerType.TopUp or LedgerType.Grant or LedgerType.Refund or LedgerType.CardCheck))
            throw new ArgumentException($"'{change.Type}' is not a type of a change; it must be TOP_UP, GRANT, REFUND or CARD_CHECK.", nameof(change));
        var result = await ApplyAsync(new LedgerOperation
        {
            TransactionKey = change.TransactionKey,
            Type = change.Type,
            Amount = change.Credits,
            TakeWhatIsThere = change.TakeWhatIsThere,
            Metadata = change.Metadata.Memory,
        });
        if (result.Outcome == LedgerOutcome.Applied) metrics.Changed(change.Type, result.Amount);
        return new WalletChangeResult
        {
            Outcome = result.Outcome switch
            {
                LedgerOutcome.Applied => WalletChangeOutcome.Applied,
                LedgerOutcome.AlreadyApplied => WalletChangeOutcome.AlreadyApplied,
                LedgerOutcome.Insufficient => WalletChangeOutcome.Insufficient,
                _ => WalletChangeOutcome.KeyReused,
            },
            Balance = result.Balance,
            Credits = result.Amount,
            Shortfall = result.Shortfall,
        };
    }

    /// <inheritdoc/>
    public async Task<AutoTopUp> GetAutoTopUp()
    {
        var wallet = await ledger.WalletAsync(UserId, CancellationToken.None);
        return new AutoTopUp { Threshold = wallet.TopUpThreshold, Credits = wallet.TopUpCredits };
    }

    /// <inheritdoc/>
    public Task SetAutoTopUp(AutoTopUp config) => ledger.SetAutoTopUpAsync(UserId, config.Threshold, config.Credits, CancellationToken.None);

    /// <summary>Asks for an automatic purchase. Nobody waits for it: a charge answers the balance before it (contract: semantics 3.7), and the next charge asks again when the call is lost.</summary>
    private async Task TopUpAsync(Guid runId)
    {
        _toppingUp = true;
        try
        {
            await GrainFactory.GetGrain<IUserPaymentsGrain>(UserId).TopUpAutomatically(runId == Guid.Empty ? null : runId);
        }
        catch (Exception exception)
        {
            TopUpNotAnswered(exception);
        }
        finally
        {
            _toppingUp = false;
        }
    }

    private async Task<long> BalanceAsync()
    {
        if (_known is { } known && clock.GetElapsedTime(known.ReadAt) < BalanceLifetime) return known.Balance;
        var (readAt, writes) = (clock.GetTimestamp(), _writes);
        var balance = (await ledger.WalletAsync(UserId, CancellationToken.None)).Balance;
        // A write during the read, or one still under way, may be newer than the balance that was read.
        if (_underWay.Count == 0 && writes == _writes) _known = (balance, readAt);
        return balance;
    }

    private async Task<LedgerResult> ApplyAsync(LedgerOperation operation)
    {
        _writes++;
        _known = null;
        var written = writer.ApplyAsync(UserId, operation);
        _underWay[operation.TransactionKey] = written;
        try
        {
            var result = await written;
            foreach (var told in result.Told ?? [])
                notifications.Written(told, result.Outcome == LedgerOutcome.Insufficient ? "A balance does not suffice for an agent." : "A balance is low.", isWarning: true);
            return result;
        }
        finally
        {
            if (_underWay.GetValueOrDefault(operation.TransactionKey) == written) _underWay.Remove(operation.TransactionKey);
        }
    }

    [LoggerMessage(2550, LogLevel.Warning, "An automatic purchase of credits was not answered; the next charge asks again.")]
    private partial void TopUpNotAnswered(Exception exception);
}
