namespace Grainflow.Storage.Execution;

/// <summary>The durable truth of every run: an append-only list of events with one writer at a time.</summary>
public interface IExecutionLog
{
    /// <summary>Makes the caller the only writer of a run: every earlier epoch is fenced off.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="host">The silo of the caller, by which the run is found when that silo is dead; or null.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The head with the caller's epoch, or null when there is no such run.</returns>
    Task<RunHead?> OpenAsync(Guid runId, string? host, CancellationToken cancellationToken);

    /// <summary>
    /// Appends to a run. The appends of all runs that wait at the same time become one transaction. While the database cannot be reached
    /// the commit waits. Several commits of one run may be under way; they are written in the order of the calls.
    /// </summary>
    /// <param name="commit">What to write.</param>
    /// <param name="cancellationToken">
    /// Ends the wait. A commit that was already sent may still become durable; the caller has to open the run again to find out.
    /// </param>
    /// <exception cref="ArgumentException">No event, or a counted dispatch without its node row.</exception>
    /// <exception cref="ObjectDisposedException">The log was disposed; <see cref="LogAppend.Committed"/> ends so when it is disposed before the commit was known to be durable.</exception>
    /// <exception cref="InvalidOperationException">The writer has failed, and the process is about to end; <see cref="LogAppend.Committed"/> of what waits ends so too.</exception>
    LogAppend Append(RunCommit commit, CancellationToken cancellationToken);

    /// <summary>The events after a sequence, in order.</summary>
    /// <param name="runId">The run; an unknown one has no events.</param>
    /// <param name="afterSequence">0 for all.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    IAsyncEnumerable<LoggedEvent> ReadAsync(Guid runId, long afterSequence, CancellationToken cancellationToken);

    /// <summary>The newest snapshot of a run, or null.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<StoredSnapshot?> ReadSnapshotAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Stores a snapshot unless a newer one is stored.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="sequence">The last event the snapshot contains.</param>
    /// <param name="body">The state, UTF-8 JSON.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task WriteSnapshotAsync(Guid runId, long sequence, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);
}
