using System.Text.Json;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Storage;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Grainflow.Grains.Billing;

/// <inheritdoc cref="IUserWalletGrain"/>
/// <remarks>
/// Reentrant, so that operations that arrive while a transaction is under way wait together and are written by the next
/// one. The ledger decides; nothing is kept here but the queue, and for a moment what it last said of the balance.
/// </remarks>
[Reentrant]
public sealed class UserWalletGrain(ILedgerStore ledger, IOptions<GrainflowOptions> options, TimeProvider clock) : Grain, IUserWalletGrain
{
    /// <summary>The balance that everybody has while credit is switched off (contract: semantics 3.1).</summary>
    private const long DisabledBalance = 100;

    /// <summary>
    /// How long a balance that was read is still told. Every start of a run asks for it, and everything that is spent passes through here;
    /// only another activation, which the ledger alone can bring into line, makes it stale.
    /// </summary>
    private static readonly TimeSpan BalanceStands = TimeSpan.FromSeconds(1);

    private readonly List<(LedgerOperation Operation, TaskCompletionSource<LedgerResult> Done)> _waiting = [];
    private List<(LedgerOperation Operation, TaskCompletionSource<LedgerResult> Done)> _underWay = [];
    private bool _writing;
    private string? _grantedMonth;
    private (long Balance, long ReadAt)? _known;
    private int _writes;

    /// <inheritdoc/>
    public async Task<long> GetBalance()
    {
        if (!options.Value.EnableCredit) return DisabledBalance;
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
        // A grant that was there already answers with the balance of its own time.
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
            Metadata = command.Metadata.Memory,
        });
        var paid = result.Outcome is LedgerOutcome.Applied or LedgerOutcome.AlreadyApplied;
        return new SpendResult { Paid = paid, Charged = paid ? -result.Amount : 0, Balance = result.Balance };
    }

    /// <inheritdoc/>
    public async Task<long> FindCharge(string transactionKey)
    {
        // The caller may have given up a charge that still waits here; the ledger would not have it yet, and would have it later.
        while (_underWay.Concat(_waiting).FirstOrDefault(item => item.Operation.TransactionKey == transactionKey).Done is { } pending)
            await ((Task)pending.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return await ledger.FindAsync(this.GetPrimaryKeyString(), transactionKey, CancellationToken.None) is { Type: LedgerType.Usage } charge ? -charge.Amount : 0;
    }

    /// <inheritdoc/>
    public async Task<long> Grant(string transactionKey, long credits, string reason)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(credits, 1);
        var result = await ApplyAsync(new LedgerOperation
        {
            TransactionKey = transactionKey,
            Type = LedgerType.Grant,
            Amount = credits,
            Metadata = JsonSerializer.SerializeToUtf8Bytes(new { reason }),
        });
        if (result.Outcome == LedgerOutcome.KeyReused)
            throw new InvalidOperationException($"Transaction key '{transactionKey}' was used before with another amount.");
        return result.Balance;
    }

    private async Task<long> BalanceAsync()
    {
        if (_known is { } known && clock.GetElapsedTime(known.ReadAt) < BalanceStands) return known.Balance;
        var (readAt, writes) = (clock.GetTimestamp(), _writes);
        var balance = (await ledger.WalletAsync(this.GetPrimaryKeyString(), CancellationToken.None)).Balance;
        // What was written meanwhile, or still is, may be newer than what was read.
        if (!_writing && writes == _writes) _known = (balance, readAt);
        return balance;
    }

    private Task<LedgerResult> ApplyAsync(LedgerOperation operation)
    {
        var done = new TaskCompletionSource<LedgerResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((operation, done));
        if (!_writing) _ = WriteAllAsync();
        return done.Task;
    }

    private async Task WriteAllAsync()
    {
        _writing = true;
        _writes++;
        _known = null;
        while (_waiting.Count > 0)
        {
            var batch = _waiting.ToList();
            _waiting.Clear();
            _underWay = batch;
            await WriteAsync(batch);
            _underWay = [];
        }

        _writing = false;
    }

    /// <summary>
    /// Writes operations in one transaction and answers each. A batch that the database refuses for its data is halved until the bad operation is
    /// alone, so that only its caller gets the error. After any other error the outcome is unknown for all of them; their callers repeat them with
    /// the same keys, which is harmless. Never throws.
    /// </summary>
    private async Task WriteAsync(List<(LedgerOperation Operation, TaskCompletionSource<LedgerResult> Done)> batch)
    {
        try
        {
            var results = await ledger.ApplyAsync(
                this.GetPrimaryKeyString(), batch.ConvertAll(item => item.Operation), clock.GetUtcNow(), CancellationToken.None);
            for (var i = 0; i < batch.Count; i++) batch[i].Done.SetResult(results[i]);
        }
        catch (Exception exception) when (batch.Count > 1 && StorageFaults.IsBadData(exception))
        {
            var half = batch.Count / 2;
            await WriteAsync(batch[..half]);
            await WriteAsync(batch[half..]);
        }
        catch (Exception exception)
        {
            foreach (var (_, done) in batch) done.SetException(exception);
        }
    }
}
