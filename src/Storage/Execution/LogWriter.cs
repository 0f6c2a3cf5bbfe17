using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Grainflow.Storage.Execution;

/// <summary>The loop that writes the commits of all runs, batch by batch.</summary>
internal sealed partial class LogWriter : IAsyncDisposable
{
    private readonly ILogTransport _transport;
    private readonly ExecutionLogOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly LogTails _tails;
    private readonly ILogger _logger;
    private readonly Channel<LogRequest> _arrivals = Channel.CreateUnbounded<LogRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly LogBacklog _backlog;
    private readonly Lock _gate = new();
    private readonly DispatchNumbers _numbers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private TimeSpan _delay;

    public LogWriter(ILogTransport transport, ExecutionLogOptions options, TimeProvider timeProvider, LogTails tails, ILogger logger)
    {
        _transport = transport;
        _options = options;
        _timeProvider = timeProvider;
        _tails = tails;
        _logger = logger;
        _numbers = new DispatchNumbers(options.ExecutionCostCountThreshold);
        _backlog = new LogBacklog(options.MaxBatchCommits, options.MaxBatchBytes);
        _delay = options.MinRetryDelay;
        // Never on the scheduler of the grain that happens to be the first to ask for the log.
        _loop = Task.Run(RunAsync);
    }

    public LogAppend Append(RunCommit commit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var size = LogRequest.SizeOf(commit);
        if (size > _options.MaxCommitBytes)
            return new LogAppend(IsFree: false, Task.FromResult(new CommitResult(CommitOutcome.Rejected, [], $"The commit has {size} bytes, more than {_options.MaxCommitBytes}.")));

        // Forecast and place in the batch in one step: the dispatches are numbered in the order in which they arrive.
        lock (_gate)
        {
            var lastFree = _numbers.Sent(commit.UserId, commit.CountedDispatches.Count);
            if (commit.RunsAhead && _options.ExecutionCostPerThreshold > 0) commit = commit with { LastFree = lastFree };
            var request = new LogRequest(commit, size, cancellationToken);
            ObjectDisposedException.ThrowIf(!_arrivals.Writer.TryWrite(request), typeof(ExecutionLog));
            return new LogAppend(_options.ExecutionCostPerThreshold == 0 || lastFree is not null, AnsweredAsync(request, cancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_arrivals.Writer.TryComplete())
        {
            await _loop;
            return;
        }

        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task<CommitResult> AnsweredAsync(LogRequest request, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static waiting => ((LogRequest)waiting!).Cancel(), request);
        try
        {
            return await request.Answer;
        }
        finally
        {
            lock (_gate) _numbers.Answered(request.Commit.UserId, request.Commit.CountedDispatches.Count);
        }
    }

    private async Task RunAsync()
    {
        while (_backlog.Count > 0 || await _arrivals.Reader.WaitToReadAsync())
        {
            while (_arrivals.Reader.TryRead(out var request))
                _backlog.Add(request);

            if (!await RoundAsync()) await PauseAsync();
        }
    }

    /// <summary>Settles what is unknown and writes one batch. False when the database could not be reached.</summary>
    private async Task<bool> RoundAsync()
    {
        if (!await ResolveAsync(_backlog.Unresolved())) return false;
        var left = await WriteAsync(_backlog.Take());
        _backlog.PutBack(left);
        if (left.Count > 0) return false;
        _delay = _options.MinRetryDelay;
        return true;
    }

    /// <summary>Writes requests and returns those that have to be tried again, in order.</summary>
    private async Task<List<LogRequest>> WriteAsync(List<LogRequest> requests)
    {
        if (requests.Count == 0) return [];
        try
        {
            var result = await _transport.WriteAsync(new LogBatch([.. requests.Select(request => request.Commit)]), CancellationToken.None);
            Learn(requests, result);
            foreach (var request in requests.Where(request => result.Won.Contains(request.Commit.RunId)))
                CompleteCommitted(request, result.Fees);
            return await AnswerLosersAsync([.. requests.Where(request => !result.Won.Contains(request.Commit.RunId))]);
        }
        catch (Exception error)
        {
            // Whatever went wrong, somebody waits for the answer.
            return LogFaults.Classify(error) switch
            {
                LogFault.Data => await IsolateAsync(requests, error),
                LogFault.NotWritten => TryAgain(requests, error, mayBeWritten: false),
                _ => TryAgain(requests, error, mayBeWritten: true),
            };
        }
    }

    private void Learn(List<LogRequest> requests, LogBatchResult result)
    {
        lock (_gate)
        {
            foreach (var (userId, count) in result.Counts) _numbers.Counted(userId, count);
            foreach (var request in requests.Where(request => request.Commit.LastFree is not null && !result.Won.Contains(request.Commit.RunId)))
                _numbers.Forget(request.Commit.UserId);
        }
    }

    /// <summary>Halves a refused batch until the bad commit is alone, so that it takes no other with it.</summary>
    private async Task<List<LogRequest>> IsolateAsync(List<LogRequest> requests, Exception error)
    {
        if (requests.Count == 1)
        {
            LogRejected(_logger, requests[0].Commit.RunId, error);
            requests[0].Complete(new CommitResult(CommitOutcome.Rejected, [], error.Message));
            return [];
        }

        var half = requests.Count / 2;
        var left = await WriteAsync([.. requests.Take(half)]);
        // A later commit of a run must not overtake an earlier one that is tried again.
        return left.Count > 0 ? [.. left, .. requests.Skip(half)] : await WriteAsync([.. requests.Skip(half)]);
    }

    private List<LogRequest> TryAgain(List<LogRequest> requests, Exception error, bool mayBeWritten)
    {
        LogUnreachable(_logger, requests.Count, error.Message);
        lock (_gate)
        {
            foreach (var request in requests) _numbers.Forget(request.Commit.UserId);
        }

        foreach (var request in requests.Where(_ => mayBeWritten))
            request.AnswerLost();
        return requests;
    }

    /// <summary>Finds out whether commits whose answer got lost are in the database. False when it cannot be reached.</summary>
    private async Task<bool> ResolveAsync(List<LogRequest> requests)
    {
        if (requests.Count == 0) return true;
        return (await JudgeAsync(requests, request => request.ProvedUnwritten())).Count == 0;
    }

    private Task<List<LogRequest>> AnswerLosersAsync(List<LogRequest> requests) =>
        // The statement has proved that they cannot be written, whatever the head says by now.
        JudgeAsync(requests, request => request.Complete(new CommitResult(CommitOutcome.Stale, [])));

    /// <summary>
    /// Answers requests by the heads of their runs. Only this writer holds their epoch, so a head with that epoch that reached a
    /// commit's last sequence shows the commit itself. Returns all of them when the database could not be reached.
    /// </summary>
    private async Task<List<LogRequest>> JudgeAsync(List<LogRequest> requests, Action<LogRequest> unwritten)
    {
        if (requests.Count == 0) return [];
        try
        {
            var heads = (await _transport.ReadHeadsAsync([.. requests.Select(request => request.Commit.RunId).Distinct()], CancellationToken.None))
                .ToDictionary(head => head.RunId);
            var written = requests.Where(request => request.IsWritten(heads.GetValueOrDefault(request.Commit.RunId))).ToHashSet();
            var counted = written.SelectMany(request => request.Commit.CountedDispatches).ToList();
            var fees = counted.Count > 0 ? await _transport.ReadFeesAsync(counted, CancellationToken.None) : [];
            foreach (var request in requests)
            {
                var head = heads.GetValueOrDefault(request.Commit.RunId);
                if (written.Contains(request)) CompleteCommitted(request, fees.ToHashSet());
                else if (head is { IsClosed: true }) request.Complete(new CommitResult(CommitOutcome.Closed, []));
                else if (head is null || head.Epoch != request.Commit.Epoch) request.Complete(new CommitResult(CommitOutcome.Stale, []));
                else unwritten(request);
            }

            return [];
        }
        catch (Exception error)
        {
            // Reading the heads has no bad data: whatever failed is worth another try.
            LogUnreachable(_logger, requests.Count, error.Message);
            return requests;
        }
    }

    private void CompleteCommitted(LogRequest request, IReadOnlySet<Guid> fees)
    {
        _tails.Committed(request.Commit);
        request.Complete(new CommitResult(CommitOutcome.Committed, [.. request.Commit.CountedDispatches.Where(fees.Contains)]));
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(_delay, _timeProvider, _stop.Token);
            _delay = TimeSpan.FromTicks(Math.Min(_delay.Ticks * 2, _options.MaxRetryDelay.Ticks));
        }
        catch (OperationCanceledException)
        {
            // Disposed while the database cannot be reached: nobody will come to write these.
            while (_arrivals.Reader.TryRead(out var request))
                _backlog.Add(request);
            _backlog.FailAll(new ObjectDisposedException(nameof(ExecutionLog), "The log was disposed before the commit was known to be durable."));
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "The database cannot be reached, {Count} commits wait: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, int count, string reason);

    [LoggerMessage(3002, LogLevel.Error, "The database refused a commit of run {RunId}")]
    private static partial void LogRejected(ILogger logger, Guid runId, Exception error);
}
