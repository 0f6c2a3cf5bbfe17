namespace Grainflow.Storage.Billing;

/// <summary>
/// Writes the operations on all wallets of this process, many in one transaction. While a transaction is under way, operations that arrive wait for the next one.
/// Thread-safe.
/// </summary>
/// <param name="store">The ledger.</param>
/// <param name="options">How many operations a transaction has at most.</param>
/// <param name="clock">The time of new rows.</param>
public sealed class LedgerWriter(ILedgerStore store, LedgerOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Queue<Request> _waiting = [];
    private bool _writing;

    /// <summary>Applies an operation. Operations on a wallet are applied in the order of the calls.</summary>
    /// <param name="userId">Whose wallet.</param>
    /// <param name="operation">The operation.</param>
    /// <returns>
    /// The result, when it is durable. After an error that is not one of the data, it is unknown whether the operation was applied, and repeating it is safe.
    /// </returns>
    public Task<LedgerResult> ApplyAsync(string userId, LedgerOperation operation)
    {
        var request = new Request(userId, operation);
        lock (_gate)
        {
            _waiting.Enqueue(request);
            if (_writing) return request.Done.Task;
            _writing = true;
        }

        // On the thread pool and without the caller's context: the loop goes on with the operations of other callers.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(WriteAllAsync);
        return request.Done.Task;
    }

    private async Task WriteAllAsync()
    {
        while (Take() is { Count: > 0 } batch) await WriteAsync(batch);
    }

    private List<Request> Take()
    {
        var batch = new List<Request>();
        lock (_gate)
        {
            while (batch.Count < options.MaxBatchOperations && _waiting.TryDequeue(out var request)) batch.Add(request);
            _writing = batch.Count > 0;
        }

        return batch;
    }

    /// <summary>
    /// Writes operations in one transaction and completes each. A batch that the database rejects because of its data is halved until the bad operation is
    /// alone, so that only its caller gets the error. After any other error the outcome of all of them is unknown; their callers repeat them with
    /// the same transaction keys, which does not apply them twice. Does not throw: errors go to the callers.
    /// </summary>
    private async Task WriteAsync(List<Request> batch)
    {
        try
        {
            var wallets = batch.GroupBy(request => request.UserId, StringComparer.Ordinal).ToList();
            var results = await store.ApplyAsync(
                [.. wallets.Select(wallet => new WalletOperations(wallet.Key, [.. wallet.Select(request => request.Operation)]))], clock.GetUtcNow(), CancellationToken.None);
            foreach (var (wallet, answers) in wallets.Zip(results))
                foreach (var (request, answer) in wallet.Zip(answers)) request.Done.SetResult(answer);
        }
        catch (Exception exception) when (batch.Count > 1 && StorageFaults.IsBadData(exception))
        {
            var half = batch.Count / 2;
            await WriteAsync(batch[..half]);
            await WriteAsync(batch[half..]);
        }
        catch (Exception exception)
        {
            foreach (var request in batch) request.Done.TrySetException(exception);
        }
    }

    private sealed record Request(string UserId, LedgerOperation Operation)
    {
        public TaskCompletionSource<LedgerResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
