using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>A way to the database on which a test decides what becomes of each write.</summary>
/// <param name="inner">The database.</param>
internal sealed class ScriptedTransport(ILogTransport inner) : ILogTransport
{
    private readonly Queue<Func<LogBatch, Task<LogBatchResult>>> _writes = new();

    /// <summary>The batches that were to be written, the bisected ones included.</summary>
    public List<LogBatch> Batches { get; } = [];

    /// <summary>The next write throws and does nothing.</summary>
    public void Fail(Exception error) => _writes.Enqueue(_ => throw error);

    /// <summary>The next write takes effect, and is answered with what the test makes of the answer.</summary>
    public void Answer(Func<LogBatchResult, LogBatchResult> change) =>
        _writes.Enqueue(async batch => change(await inner.WriteAsync(batch, CancellationToken.None)));

    /// <summary>Something happens before the next write.</summary>
    public void Before(Func<Task> happens) => _writes.Enqueue(async batch =>
    {
        await happens();
        return await inner.WriteAsync(batch, CancellationToken.None);
    });

    public Task<LogBatchResult> WriteAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        Batches.Add(batch);
        return _writes.TryDequeue(out var write) ? write(batch) : inner.WriteAsync(batch, cancellationToken);
    }

    public Task<IReadOnlyList<RunHead>> ReadHeadsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken) =>
        inner.ReadHeadsAsync(runIds, cancellationToken);

    public Task<IReadOnlyList<Guid>> ReadFeesAsync(IReadOnlyList<Guid> nodeExecutionIds, CancellationToken cancellationToken) =>
        inner.ReadFeesAsync(nodeExecutionIds, cancellationToken);
}
