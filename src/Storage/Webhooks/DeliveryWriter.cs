namespace Grainflow.Storage.Webhooks;

/// <summary>
/// Stores the deliveries that arrive at this process, many in one transaction. While a transaction is under way, deliveries that arrive wait for the next one. Thread-safe.
/// </summary>
/// <param name="store">The inbox.</param>
public sealed class DeliveryWriter(IDeliveryStore store)
{
    private const int MaxBatch = 500;

    /// <summary>A batch is ended when its payloads have this many bytes, so that large ones do not hold the others up.</summary>
    private const int MaxBatchBytes = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Request> _waiting = [];
    private bool _writing;

    /// <summary>Stores a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>What became of it, when that is durable. After an error it is unknown whether it was stored.</returns>
    public Task<DeliveryReceipt> AddAsync(DeliveryRow delivery)
    {
        var request = new Request(delivery);
        lock (_gate)
        {
            _waiting.Enqueue(request);
            if (_writing) return request.Done.Task;
            _writing = true;
        }

        // On the thread pool and without the caller's context: the loop goes on with the deliveries of other callers.
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
        var ids = new HashSet<Guid>();
        var bytes = 0L;
        lock (_gate)
        {
            // A repetition of a delivery in the same batch waits for the next one, which finds the first stored.
            while (batch.Count < MaxBatch && bytes < MaxBatchBytes && _waiting.TryPeek(out var request) && ids.Add(request.Delivery.Id))
            {
                batch.Add(_waiting.Dequeue());
                bytes += request.Delivery.Payload.Length;
            }

            _writing = batch.Count > 0;
        }

        return batch;
    }

    /// <summary>
    /// Stores deliveries and completes each. A batch that the database rejects because of its data is halved until the bad delivery is alone, so that only its caller gets the
    /// error. Does not throw: errors go to the callers.
    /// </summary>
    private async Task WriteAsync(List<Request> batch)
    {
        try
        {
            var receipts = await store.AddAsync([.. batch.Select(request => request.Delivery)], CancellationToken.None);
            foreach (var request in batch) request.Done.SetResult(receipts[request.Delivery.Id]);
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

    private sealed record Request(DeliveryRow Delivery)
    {
        public TaskCompletionSource<DeliveryReceipt> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
