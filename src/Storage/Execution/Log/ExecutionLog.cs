using System.Runtime.CompilerServices;
using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Storage.Execution;

/// <inheritdoc cref="IExecutionLog"/>
/// <remarks>One writer per instance collects the commits of all runs and writes them together (group commit), and one reader does the same with what is read.</remarks>
public sealed class ExecutionLog : IExecutionLog, IAsyncDisposable
{
    private readonly Database _database;
    private readonly LogWriter _writer;
    private readonly LogReader _reader;

    /// <summary>Starts the writer.</summary>
    /// <param name="database">The database, for reading.</param>
    /// <param name="transport">The way to the database, for writing.</param>
    /// <param name="options">Limits.</param>
    /// <param name="timeProvider">Paces the retries.</param>
    /// <param name="tails">Hears of what has become durable.</param>
    /// <param name="logger">Hears of an unreachable database and of refused commits.</param>
    /// <param name="fatalErrors">Ends the process when the writer fails; null when the caller of <see cref="Append"/> notices by its exception alone.</param>
    public ExecutionLog(
        Database database,
        ILogTransport transport,
        ExecutionLogOptions options,
        TimeProvider timeProvider,
        LogTails tails,
        ILogger<ExecutionLog> logger,
        IFatalErrors? fatalErrors = null)
    {
        _database = database;
        _reader = new LogReader(database);
        _writer = new LogWriter(transport, options, timeProvider, tails, fatalErrors, logger);
    }

    /// <inheritdoc/>
    public Task<RunHead?> OpenAsync(Guid runId, string? host, CancellationToken cancellationToken) =>
        _database.FirstAsync(
            Plan.ByIndex,
            "UPDATE run_head SET epoch = epoch + 1, host = $2 WHERE run_id = $1 RETURNING run_id, epoch, last_seq, status",
            [runId, host],
            NpgsqlLogTransport.MapHead,
            cancellationToken);

    /// <inheritdoc/>
    public LogAppend Append(RunCommit commit, CancellationToken cancellationToken)
    {
        if (commit.Events.Count == 0)
            throw new ArgumentException("A commit needs an event: without one a lost answer could not be resolved.", nameof(commit));
        if (commit.Nodes.Any(node => node.RunId != commit.RunId))
            throw new ArgumentException("Every node row must belong to the run of the commit.", nameof(commit));
        if (commit.CountedDispatches.Count > 0 && !commit.CountedDispatches.All(commit.Nodes.Select(node => node.Id).ToHashSet().Contains))
            throw new ArgumentException("A counted dispatch needs its node row in the same commit.", nameof(commit));

        return _writer.Append(commit, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LoggedEvent> ReadAsync(
        Guid runId,
        long afterSequence,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await _reader.PageAsync(runId, afterSequence, cancellationToken);
            foreach (var logged in page)
                yield return logged;
            if (page.Count < LogReader.PageSize) yield break;
            afterSequence = page[^1].Sequence;
        }
    }

    /// <inheritdoc/>
    public Task<StoredSnapshot?> ReadSnapshotAsync(Guid runId, CancellationToken cancellationToken) =>
        _database.FirstAsync(
            Plan.ByIndex,
            "SELECT seq, body FROM run_snapshots WHERE run_id = $1",
            [runId],
            row => new StoredSnapshot(row.GetInt64(0), row.GetJson(1)),
            cancellationToken);

    /// <inheritdoc/>
    public Task WriteSnapshotAsync(Guid runId, long sequence, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        _database.ExecuteAsync(
            Plan.ByIndex,
            """
            INSERT INTO run_snapshots AS kept (run_id, seq, body) VALUES ($1, $2, $3)
            ON CONFLICT (run_id) DO UPDATE SET seq = excluded.seq, body = excluded.body WHERE kept.seq < excluded.seq
            """,
            [runId, sequence, Sql.Json(body)],
            cancellationToken);

    /// <summary>Writes what waits, then stops. If the database cannot be reached, what waits fails.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
