using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.Support;

/// <summary>
/// The connection of one silo with its stores and with other grains. A test that kills a silo cuts it first, because the test host stops silos in order: what a silo does
/// while it stops, such as flushing its log, a dead process does not do.
/// </summary>
/// <param name="silo">The name of the silo in the test cluster.</param>
internal sealed class SiloLine(string silo) : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    private volatile bool _cut;

    /// <summary>The name of the silo in the test cluster.</summary>
    public string Silo => silo;

    /// <summary>From now on nothing that the silo writes, reads or sends arrives.</summary>
    public void Cut() => _cut = true;

    /// <summary>Fails when the silo was cut off.</summary>
    public void Check()
    {
        if (_cut) throw new IOException("The silo was cut off by the test.");
    }

    /// <inheritdoc/>
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        Check();
        return context.Invoke();
    }

    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        Check();
        return context.Invoke();
    }
}

/// <summary>The database as the log writer of one silo reaches it.</summary>
internal sealed class CutOffTransport(ILogTransport transport, SiloLine line, Faults faults) : ILogTransport
{
    public Task<LogBatchResult> WriteAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        line.Check();
        faults.Written(batch);
        return transport.WriteAsync(batch, cancellationToken);
    }

    public Task<IReadOnlyList<RunHead>> ReadHeadsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken)
    {
        line.Check();
        return transport.ReadHeadsAsync(runIds, cancellationToken);
    }

    public Task<IReadOnlyList<Guid>> ReadFeesAsync(IReadOnlyList<Guid> nodeExecutionIds, CancellationToken cancellationToken)
    {
        line.Check();
        return transport.ReadFeesAsync(nodeExecutionIds, cancellationToken);
    }
}
