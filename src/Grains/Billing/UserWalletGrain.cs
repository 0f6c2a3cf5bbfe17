using System.Text.Json;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Placement;
using Grainflow.Storage;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Grainflow.Grains.Billing;

/// <inheritdoc cref="IUserWalletGrain"/>
/// <remarks>
/// Reentrant, so that operations that arrive while a transaction is under way are collected and written together by the next one. The ledger in the
/// database decides every operation; this grain holds only the queue and a short-lived copy of the balance.
/// </remarks>
[Reentrant, PreferLocalPlacement, StayingSilos]
public sealed class UserWalletGrain(ILedgerStore ledger, IOptions<GrainflowOptions> options, TimeProvider clock) : Grain, IUserWalletGrain
{
    /// <summary>The balance that everybody has while credit is switched off (contract: semantics 3.1).</summary>
    private const long DisabledBalance = 100;

    /// <summary>
    /// How long a balance that was read is answered again without a read; every start of a run asks for it. Writes of this activation clear it, so only a
    /// write by a second activation of the same user can make it stale.
    /// </summary>
    private static readonly TimeSpan BalanceLifetime = TimeSpan.FromSeconds(1);

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
            Metadata = command.Metadata.Memory,
        });
        var paid = result.Outcome is LedgerOutcome.Applied or LedgerOutcome.AlreadyApplied;
        return new SpendResult { Paid = paid, Charged = paid ? -result.Amount : 0, Balance = result.Balance };
    }

    /// <inheritdoc/>
    public async Task<long> FindCharge(string transactionKey)
    {
        // The caller may have stopped waiting for a charge that is still queued here. The ledger does not have it yet but will, so wait for its write.
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
        if (_known is { } known && clock.GetElapsedTime(known.ReadAt) < BalanceLifetime) return known.Balance;
        var (readAt, writes) = (clock.GetTimestamp(), _writes);
        var balance = (await ledger.WalletAsync(this.GetPrimaryKeyString(), CancellationToken.None)).Balance;
        // A write during the read, or one still under way, may be newer than the balance that was read.
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
    /// Writes operations in one transaction and completes each. A batch that the database rejects because of its data is halved until the bad operation is
    /// alone, so that only its caller gets the error. After any other error the outcome of all of them is unknown; their callers repeat them with
    /// the same transaction keys, which does not apply them twice. Does not throw: errors go to the callers.
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
