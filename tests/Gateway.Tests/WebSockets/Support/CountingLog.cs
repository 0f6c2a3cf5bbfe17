using System.Runtime.CompilerServices;
using Grainflow.Storage.Execution;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>The log as the gateway reads it: counts what it hands out, and fails when told to.</summary>
internal sealed class CountingLog(IExecutionLog log) : IExecutionLog
{
    private int _events;
    private int _failures;

    /// <summary>Events handed out.</summary>
    public int Events => Volatile.Read(ref _events);

    public void FailOnce() => Interlocked.Increment(ref _failures);

    public async IAsyncEnumerable<LoggedEvent> ReadAsync(Guid runId, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _failures) > 0 && Interlocked.Decrement(ref _failures) >= 0) throw new IOException("as planned");
        await foreach (var logged in log.ReadAsync(runId, afterSequence, cancellationToken))
        {
            Interlocked.Increment(ref _events);
            yield return logged;
        }
    }

    public Task<RunHead?> OpenAsync(Guid runId, CancellationToken cancellationToken) => log.OpenAsync(runId, cancellationToken);

    public Task<CommitResult> AppendAsync(RunCommit commit, CancellationToken cancellationToken) => log.AppendAsync(commit, cancellationToken);

    public Task<RunSnapshot?> ReadSnapshotAsync(Guid runId, CancellationToken cancellationToken) => log.ReadSnapshotAsync(runId, cancellationToken);

    public Task WriteSnapshotAsync(Guid runId, long sequence, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        log.WriteSnapshotAsync(runId, sequence, body, cancellationToken);
}
