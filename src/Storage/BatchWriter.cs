namespace Grainflow.Storage;

/// <summary>
/// Writes what the callers of this process ask for, many items in one transaction. While a transaction is under way, items that arrive wait for the next one. A batch that the database refuses
/// because of its data is halved until the bad item is alone, so that only its caller gets the error. Thread-safe.
/// </summary>
/// <param name="write">Writes items in one transaction, and answers each in their order.</param>
/// <param name="newBatch">Makes the rule of a batch. It is asked for each item in turn whether the batch takes it too; the first is taken in any case.</param>
internal sealed class BatchWriter<TItem, TResult>(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> write, Func<Predicate<TItem>> newBatch)
{
    private readonly Lock _gate = new();
    private readonly Queue<Request> _waiting = [];
    private bool _writing;

    /// <summary>Writes an item. Items are written in the order of the calls.</summary>
    /// <param name="item">The item.</param>
    /// <returns>The answer, when what was written is durable. After an error that is not one of the data it is unknown whether the item was written.</returns>
    public Task<TResult> WriteAsync(TItem item)
    {
        var request = new Request(item);
        lock (_gate)
        {
            _waiting.Enqueue(request);
            if (_writing) return request.Done.Task;
            _writing = true;
        }

        // On the thread pool and without the caller's context: the loop goes on with the items of other callers.
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
        var takes = newBatch();
        lock (_gate)
        {
            while (_waiting.TryPeek(out var request) && (takes(request.Item) || batch.Count == 0)) batch.Add(_waiting.Dequeue());
            _writing = batch.Count > 0;
        }

        return batch;
    }

    /// <summary>Writes a batch and completes each of its items. Does not throw: errors go to the callers.</summary>
    private async Task WriteAsync(List<Request> batch)
    {
        try
        {
            var results = await write([.. batch.Select(request => request.Item)]);
            foreach (var (request, result) in batch.Zip(results)) request.Done.SetResult(result);
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

    private sealed record Request(TItem Item)
    {
        public TaskCompletionSource<TResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
