using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The execution log behind the test's faults.</summary>
internal sealed class FaultyLog(ExecutionLog log, Faults faults) : IExecutionLog, IAsyncDisposable
{
    public Task<RunHead?> OpenAsync(Guid runId, CancellationToken cancellationToken) => log.OpenAsync(runId, cancellationToken);

    public Task<CommitResult> AppendAsync(RunCommit commit, CancellationToken cancellationToken) =>
        faults.AppendAsync(commit, () => log.AppendAsync(commit, cancellationToken));

    public IAsyncEnumerable<LoggedEvent> ReadAsync(Guid runId, long afterSequence, CancellationToken cancellationToken) =>
        log.ReadAsync(runId, afterSequence, cancellationToken);

    public Task<RunSnapshot?> ReadSnapshotAsync(Guid runId, CancellationToken cancellationToken) => log.ReadSnapshotAsync(runId, cancellationToken);

    public Task WriteSnapshotAsync(Guid runId, long sequence, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        log.WriteSnapshotAsync(runId, sequence, body, cancellationToken);

    public ValueTask DisposeAsync() => log.DisposeAsync();
}
