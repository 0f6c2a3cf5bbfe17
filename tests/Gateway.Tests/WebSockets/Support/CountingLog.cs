using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grainflow.Storage.Execution;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>The log as the gateway reads it: counts what it hands out, and fails when told to.</summary>
internal sealed class CountingLog(IExecutionLog log) : IExecutionLog
{
    private int _events;
    private readonly ConcurrentQueue<Exception> _failures = new();

    /// <summary>Events handed out.</summary>
    public int Events => Volatile.Read(ref _events);

    public void FailOnce(Exception? exception = null) => _failures.Enqueue(exception ?? new IOException("as planned"));

    public async IAsyncEnumerable<LoggedEvent> ReadAsync(Guid runId, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_failures.TryDequeue(out var failure)) throw failure;
        await foreach (var logged in log.ReadAsync(runId, afterSequence, cancellationToken))
        {
            Interlocked.Increment(ref _events);
            yield return logged;
        }
    }

    public Task<RunHead?> OpenAsync(Guid runId, string? host, CancellationToken cancellationToken) => log.OpenAsync(runId, host, cancellationToken);

    public LogAppend Append(RunCommit commit, CancellationToken cancellationToken) => log.Append(commit, cancellationToken);

    public Task<StoredSnapshot?> ReadSnapshotAsync(Guid runId, CancellationToken cancellationToken) => log.ReadSnapshotAsync(runId, cancellationToken);

    public Task WriteSnapshotAsync(Guid runId, long sequence, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        log.WriteSnapshotAsync(runId, sequence, body, cancellationToken);
}
