using Grainflow.Grains.Hosting;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Webhooks;

/// <summary>
/// Processes the deliveries that this process has acknowledged, in batches, right after that. What does not fit into its memory, and what is left when the process ends, is
/// found in the inbox by any server (<see cref="WebhookTicking"/>).
/// </summary>
internal sealed partial class DeliveryDispatcher(DeliveryProcessor processor, Draining draining, ILogger<DeliveryDispatcher> logger)
{
    private const int MaxBatch = 200;

    /// <summary>The payloads that wait in memory have this many bytes at most.</summary>
    private const int MaxWaitingBytes = 64 * 1024 * 1024;

    /// <summary>A batch is ended when its payloads have this many bytes: the rows of its runs have them three times.</summary>
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<DeliveryRow> _waiting = [];
    private long _waitingBytes;
    private bool _processing;

    /// <summary>Takes a stored delivery to process it, and returns at once. One that there is no room for is left to the inbox.</summary>
    /// <param name="delivery">The delivery.</param>
    public void Enqueue(DeliveryRow delivery)
    {
        if (draining.IsDraining) return;
        lock (_gate)
        {
            if (_waitingBytes + delivery.Payload.Length > MaxWaitingBytes && _waiting.Count > 0) return;
            _waiting.Enqueue(delivery);
            _waitingBytes += delivery.Payload.Length;
            if (_processing) return;
            _processing = true;
        }

        // On the thread pool and without the caller's context: the loop goes on with the deliveries of other callers.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(ProcessAllAsync);
    }

    private async Task ProcessAllAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                await processor.ProcessAsync(batch);
            }
            catch (Exception exception)
            {
                NotProcessed(exception, batch.Count);
            }
        }
    }

    private List<DeliveryRow> Take()
    {
        var batch = new List<DeliveryRow>();
        var bytes = 0;
        lock (_gate)
        {
            while (batch.Count < MaxBatch && bytes < MaxBatchBytes && _waiting.TryDequeue(out var delivery))
            {
                batch.Add(delivery);
                bytes += delivery.Payload.Length;
            }

            _waitingBytes -= bytes;
            _processing = batch.Count > 0;
        }

        return batch;
    }

    [LoggerMessage(2901, LogLevel.Warning, "{Count} deliveries of webhooks could not be processed; they stay in the inbox and are tried again.")]
    private partial void NotProcessed(Exception exception, int count);
}
