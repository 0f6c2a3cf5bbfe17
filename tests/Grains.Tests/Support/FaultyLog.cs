using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The execution log behind the test's faults.</summary>
internal sealed class FaultyLog(ExecutionLog log, ExecutionLogOptions options, Faults faults, SiloLine line) : IExecutionLog, IAsyncDisposable
{
    public Task<RunHead?> OpenAsync(Guid runId, string? host, CancellationToken cancellationToken)
    {
        line.Check();
        return log.OpenAsync(runId, host, cancellationToken);
    }

    public LogAppend Append(RunCommit commit, CancellationToken cancellationToken)
    {
        line.Check();
        if (faults.OnAppend is not { } fault) return log.Append(commit, cancellationToken);
        LogAppend? append = null;
        var committed = fault(commit, () => (append = log.Append(commit, cancellationToken)).Value.Committed);
        // A fault may keep the commit from the log, which then cannot say whether it is free.
        return new LogAppend(append?.IsFree ?? options.ExecutionCostPerThreshold == 0, committed);
    }

    public IAsyncEnumerable<LoggedEvent> ReadAsync(Guid runId, long afterSequence, CancellationToken cancellationToken) =>
        log.ReadAsync(runId, afterSequence, cancellationToken);

    public Task<StoredSnapshot?> ReadSnapshotAsync(Guid runId, CancellationToken cancellationToken)
    {
        faults.OnReading?.Invoke(runId);
        return log.ReadSnapshotAsync(runId, cancellationToken);
    }

    public Task WriteSnapshotAsync(Guid runId, long sequence, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        line.Check();
        return log.WriteSnapshotAsync(runId, sequence, body, cancellationToken);
    }

    public ValueTask DisposeAsync() => log.DisposeAsync();
}
