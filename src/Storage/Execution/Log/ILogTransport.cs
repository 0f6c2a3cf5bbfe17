namespace Grainflow.Storage.Execution;

/// <summary>
/// The execution log's way to the database. Tests put faults here: a transport may throw before or after the statement
/// took effect, and the log has to find out which.
/// </summary>
public interface ILogTransport
{
    /// <summary>Writes a batch in one statement and one commit.</summary>
    /// <param name="batch">The commits, at most one chain per run.</param>
    /// <param name="cancellationToken">Gives up; the outcome is unknown then.</param>
    Task<LogBatchResult> WriteAsync(LogBatch batch, CancellationToken cancellationToken);

    /// <summary>Reads the heads of runs; runs that do not exist are missing from the answer.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<RunHead>> ReadHeadsAsync(IReadOnlyList<Guid> runIds, CancellationToken cancellationToken);

    /// <summary>Those of the node executions whose rows carry a fee.</summary>
    /// <param name="nodeExecutionIds">The node executions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<Guid>> ReadFeesAsync(IReadOnlyList<Guid> nodeExecutionIds, CancellationToken cancellationToken);
}
