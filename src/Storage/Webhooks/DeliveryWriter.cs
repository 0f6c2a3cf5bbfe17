namespace Grainflow.Storage.Webhooks;

/// <summary>Stores the deliveries that arrive at this process, many in one transaction (<see cref="BatchWriter{TItem, TResult}"/>). Thread-safe.</summary>
public sealed class DeliveryWriter
{
    private const int MaxBatch = 500;

    /// <summary>A batch is ended when its payloads have this many bytes, so that large ones do not hold the others up.</summary>
    private const int MaxBatchBytes = 16 * 1024 * 1024;

    private readonly BatchWriter<DeliveryRow, DeliveryReceipt> _writer;

    /// <summary>A writer that has nothing to write.</summary>
    /// <param name="store">The inbox.</param>
    public DeliveryWriter(IDeliveryStore store) => _writer = new BatchWriter<DeliveryRow, DeliveryReceipt>(
        async deliveries =>
        {
            var receipts = await store.AddAsync(deliveries, CancellationToken.None);
            return [.. deliveries.Select(delivery => receipts[delivery.Id])];
        },
        NewBatch);

    /// <summary>Stores a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>What became of it, when that is durable. After an error it is unknown whether it was stored.</returns>
    public Task<DeliveryReceipt> AddAsync(DeliveryRow delivery) => _writer.WriteAsync(delivery);

    /// <summary>A repetition of a delivery in the same batch waits for the next one, which finds the first stored.</summary>
    private static Predicate<DeliveryRow> NewBatch()
    {
        var ids = new HashSet<Guid>();
        var bytes = 0L;
        return delivery =>
        {
            if (ids.Count >= MaxBatch || bytes >= MaxBatchBytes || !ids.Add(delivery.Id)) return false;
            bytes += delivery.Payload.Length;
            return true;
        };
    }
}
