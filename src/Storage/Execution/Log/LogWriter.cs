using System.Diagnostics;
using System.Threading.Channels;
using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Storage.Execution;

/// <summary>The loop that writes the commits of all runs, batch by batch.</summary>
internal sealed partial class LogWriter : IAsyncDisposable
{
    private readonly ILogTransport _transport;
    private readonly ExecutionLogOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly LogTails _tails;
    private readonly IFatalErrors? _fatalErrors;
    private readonly ILogger _logger;
    private readonly Channel<LogRequest> _arrivals = Channel.CreateUnbounded<LogRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly LogBacklog _backlog;
    private readonly Lock _gate = new();
    private readonly DispatchNumbers _numbers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>The batch that is being written: it is not in the backlog, so it has to be failed separately when the loop fails.</summary>
    private List<LogRequest> _batch = [];
    private TimeSpan _delay;
    private Exception? _failure;

    public LogWriter(
        ILogTransport transport, ExecutionLogOptions options, TimeProvider timeProvider, LogTails tails, IFatalErrors? fatalErrors, ILogger logger)
    {
        _transport = transport;
        _options = options;
        _timeProvider = timeProvider;
        _tails = tails;
        _fatalErrors = fatalErrors;
        _logger = logger;
        _numbers = new DispatchNumbers(options.ExecutionCostCountThreshold);
        _backlog = new LogBacklog(options.MaxBatchCommits, options.MaxBatchBytes);
        _delay = options.MinRetryDelay;
        // Task.Run: not on the scheduler of the grain that is the first to ask for the log. Suppressed flow: the loop would keep that grain's
        // activity for ever, and the spans of all commits would belong to one trace.
        using (ExecutionContext.SuppressFlow()) _loop = Task.Run(RunAsync);
    }

    public LogAppend Append(RunCommit commit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var size = LogRequest.SizeOf(commit);
        if (size > _options.MaxCommitBytes)
            return new LogAppend(IsFree: false, Task.FromResult(new CommitResult(CommitOutcome.Rejected, [], $"The commit has {size} bytes, more than {_options.MaxCommitBytes}.")));

        // The forecast and the arrival are one step, because dispatches are numbered in the order in which they arrive.
        lock (_gate)
        {
            var isFree = _numbers.Sent(commit.UserId, commit.CountedDispatches.Count) || _options.ExecutionCostPerThreshold == 0;
            if (commit.RunsAhead && isFree && _options.ExecutionCostPerThreshold > 0) commit = commit with { MustBeFree = true };
            var request = new LogRequest(commit, size, isFree || !commit.RunsAhead ? HeldUntil(commit) : 0, cancellationToken);
            if (!_arrivals.Writer.TryWrite(request)) throw Refusal();
            return new LogAppend(isFree, AnsweredAsync(request, cancellationToken));
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

    private long HeldUntil(RunCommit commit) =>
        commit.MayWait && _options.MaxHold > TimeSpan.Zero ? Stopwatch.GetTimestamp() + (long)(_options.MaxHold.TotalSeconds * Stopwatch.Frequency) : 0;

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
        try
        {
            while (_backlog.Count > 0 || await _arrivals.Reader.WaitToReadAsync())
            {
                TakeArrivals();
                if (_backlog.HeldUntil(Now()) is { } until) await HoldAsync(until);
                else if (!await RoundAsync()) await PauseAsync();
            }
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    /// <summary>
    /// A timestamp of the system's clock. Holding back lasts milliseconds and must not depend on the clock of the runs, which a test may stop.
    /// The largest value when the log is being disposed, so that nothing is held back any more.
    /// </summary>
    private long Now() => _arrivals.Reader.Completion.IsCompleted || _stop.IsCancellationRequested ? long.MaxValue : Stopwatch.GetTimestamp();

    /// <summary>Waits for the next request, but not longer than the waiting requests may be held back.</summary>
    private async Task HoldAsync(long until)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(1, Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until).TotalMilliseconds))));
        try
        {
            await _arrivals.Reader.WaitToReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The time is over, or the log is being disposed.
        }
    }

    private void TakeArrivals()
    {
        while (_arrivals.Reader.TryRead(out var request)) _backlog.Add(request);
    }

    /// <summary>Fails every commit that waits or arrives later, and requests the end of the process, because no run can go on without this loop.</summary>
    private void Fail(Exception error)
    {
        lock (_gate)
        {
            _failure = error;
            _arrivals.Writer.TryComplete();
        }

        TakeArrivals();
        _backlog.PutBack(_batch);
        _backlog.FailAll(Refusal());
        _fatalErrors?.Report("The writer of the execution log", error);
        // Logged last, because the error may come from a logger that throws.
        LogFailed(_logger, error);
    }

    /// <summary>The error for commits that arrive after the end of the loop, and for those that wait then.</summary>
    private Exception Refusal() => _failure is { } failure
        ? new InvalidOperationException("The writer of the execution log has failed. It is not known whether the commit is durable.", failure)
        : new ObjectDisposedException(nameof(ExecutionLog), "The log was disposed before the commit was known to be durable.");

    /// <summary>Resolves the commits with unknown outcome and writes one batch. False when the database could not be reached.</summary>
    private async Task<bool> RoundAsync()
    {
        if (!await ResolveAsync(_backlog.Unresolved())) return false;
        _batch = _backlog.Take(Now());
        var left = await WriteAsync(_batch);
        _batch = [];
        _backlog.PutBack(left);
        if (left.Count > 0) return false;
        _delay = _options.MinRetryDelay;
        return true;
    }

    /// <summary>Writes requests and returns those that have to be tried again, in order.</summary>
    private async Task<List<LogRequest>> WriteAsync(List<LogRequest> requests)
    {
        if (requests.Count == 0) return [];
        LogBatchResult result;
        try
        {
            result = await _transport.WriteAsync(new LogBatch([.. requests.Select(request => request.Commit)]), CancellationToken.None);
        }
        catch (Exception error)
        {
            return LogFaults.Classify(error) switch
            {
                LogFault.Data => await IsolateAsync(requests, error),
                LogFault.NotWritten => TryAgain(requests, error, mayBeWritten: false),
                _ => TryAgain(requests, error, mayBeWritten: true),
            };
        }

        try
        {
            return await AnswerAsync(requests, result);
        }
        catch (Exception error)
        {
            // The statement took effect, so the error is not one of the data. The outcome of commits without an answer is read from their heads.
            return TryAgain(requests.FindAll(request => !request.IsAnswered), error, mayBeWritten: true);
        }
    }

    /// <summary>Answers the requests of a batch that was written, and returns those whose outcome could not be found out.</summary>
    private Task<List<LogRequest>> AnswerAsync(List<LogRequest> requests, LogBatchResult result)
    {
        Learn(requests, result);
        foreach (var request in requests.Where(request => result.Won.Contains(request.Commit.RunId)))
            CompleteCommitted(request, result.Fees);
        return AnswerLosersAsync(requests.FindAll(request => !result.Won.Contains(request.Commit.RunId)));
    }

    private void Learn(List<LogRequest> requests, LogBatchResult result)
    {
        lock (_gate)
        {
            foreach (var (userId, count) in result.Counts) _numbers.Counted(userId, count);
            foreach (var request in requests.Where(request => request.Commit.MustBeFree && !result.Won.Contains(request.Commit.RunId)))
                _numbers.ClearLast(request.Commit.UserId);
        }
    }

    /// <summary>Halves a refused batch until the bad commit is alone, so that the other commits are written.</summary>
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
        LogNotWritten(_logger, requests.Count, error);
        lock (_gate)
        {
            foreach (var request in requests) _numbers.ClearLast(request.Commit.UserId);
        }

        foreach (var request in requests.Where(_ => mayBeWritten))
            request.AnswerLost();
        return requests;
    }

    /// <summary>Reads from the heads whether commits whose answer was lost are in the database. False when the database cannot be reached.</summary>
    private async Task<bool> ResolveAsync(List<LogRequest> requests)
    {
        if (requests.Count == 0) return true;
        return (await JudgeAsync(requests, request => request.ProvedUnwritten())).Count == 0;
    }

    private Task<List<LogRequest>> AnswerLosersAsync(List<LogRequest> requests) =>
        // The statement compared the heads under lock, so these commits cannot be written even if the heads have changed since.
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
            // Reading heads has no data that could be refused, so every error is worth another attempt.
            LogUnresolved(_logger, requests.Count, error.Message);
            return requests;
        }
    }

    private void CompleteCommitted(LogRequest request, IReadOnlySet<Guid> fees)
    {
        try
        {
            _tails.Committed(request.Commit);
        }
        catch (Exception error)
        {
            // The commit is durable; a follower whose tail has a gap reads the log.
            LogTailFailed(_logger, request.Commit.RunId, error);
        }

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
            // Disposed while the database cannot be reached: nothing will write these commits.
            TakeArrivals();
            _backlog.FailAll(Refusal());
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "The database did not confirm {Count} commits; they wait and are tried again")]
    private static partial void LogNotWritten(ILogger logger, int count, Exception error);

    [LoggerMessage(3003, LogLevel.Warning, "It could not be read whether {Count} commits are written; they wait: {Reason}")]
    private static partial void LogUnresolved(ILogger logger, int count, string reason);

    [LoggerMessage(3004, LogLevel.Error, "The followers of run {RunId} in this process could not be given a commit; they read it from the log")]
    private static partial void LogTailFailed(ILogger logger, Guid runId, Exception error);

    [LoggerMessage(3002, LogLevel.Error, "The database refused a commit of run {RunId}")]
    private static partial void LogRejected(ILogger logger, Guid runId, Exception error);

    [LoggerMessage(3005, LogLevel.Critical, "The writer of the execution log has failed; no run can go on in this process")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
