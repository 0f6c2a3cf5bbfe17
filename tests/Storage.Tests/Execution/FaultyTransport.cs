using Grainflow.Storage.Execution;
using Npgsql;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>A way to the database on which faults happen, in the order in which they were planned.</summary>
internal sealed class FaultyTransport(ILogTransport inner) : ILogTransport
{
    private readonly Queue<Fault> _faults = new();
    private LogBatch? _delayed;

    public enum Fault
    {
        None,
        BeforeWrite,
        AfterWrite,

        // The connection breaks while the server is still at it: the statement takes effect after the heads were read.
        WrittenLate,
        Deadlock,
    }

    public int Writes { get; private set; }

    /// <summary>How many readings of heads fail from now on.</summary>
    public int FailingReads { get; set; }

    /// <summary>While true nothing reaches the database.</summary>
    public volatile bool Down;

    public void Plan(params Fault[] faults)
    {
        foreach (var fault in faults)
            _faults.Enqueue(fault);
    }

    public async Task<LogBatchResult> WriteAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        if (Down) throw Broken();
        Writes++;
        switch (_faults.TryDequeue(out var fault) ? fault : Fault.None)
        {
            case Fault.BeforeWrite:
                throw Broken();
            case Fault.AfterWrite:
                await inner.WriteAsync(batch, cancellationToken);
                throw Broken();
            case Fault.WrittenLate:
                _delayed = batch;
                throw Broken();
            case Fault.Deadlock:
                throw new PostgresException("deadlock detected", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected);
            default:
                return await inner.WriteAsync(batch, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<RunHead>> ReadHeadsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken)
    {
        if (Down || FailingReads-- > 0) throw Broken();
        var heads = await inner.ReadHeadsAsync(runIds, cancellationToken);
        if (_delayed is { } batch)
        {
            _delayed = null;
            await inner.WriteAsync(batch, cancellationToken);
        }

        return heads;
    }

    public Task<IReadOnlyList<Guid>> ReadFeesAsync(IReadOnlyList<Guid> nodeExecutionIds, CancellationToken cancellationToken) =>
        Down ? throw Broken() : inner.ReadFeesAsync(nodeExecutionIds, cancellationToken);

    private static NpgsqlException Broken() => new("Exception while reading from stream", new IOException("connection reset by peer"));
}
