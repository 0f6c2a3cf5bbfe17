using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Sends the outputs and the end of one attempt to its run, in order, and repeats each report until it is answered. One report at a time is
/// under way, with at most 16 outputs or 1 MB, so that a block that emits without end has to wait for its run.
/// </summary>
internal sealed class NodeReporter(NodeAttempt attempt, GrainCallRetry calls, RunLimits limits)
{
    public const int MaxOutputs = 16;
    public const int MaxBytes = 1024 * 1024;

    private readonly List<EmittedOutput> _waiting = [];
    private RunWarnings _warnings = RunWarnings.None;
    private int _nextOrdinal;
    private int _bytes;
    private int _emitted;

    /// <summary>Bytes of JSON emitted so far.</summary>
    public long OutputSize { get; private set; }

    /// <summary>True when nothing more may be added before <see cref="FlushAsync"/>.</summary>
    public bool IsFull => _waiting.Count >= MaxOutputs || _bytes >= MaxBytes;

    public bool HasOutputs => _waiting.Count > 0;

    /// <summary>Queues an output for the next report.</summary>
    /// <exception cref="RefusedOutputException">
    /// It exceeds a limit. In the message or the commit it would fail later, without a reason that the user understands.
    /// </exception>
    public void Add(string pin, JsonPayload value)
    {
        if (value.Size > limits.MaxOutputBytes)
            throw Refuse(pin, $"An output on '{pin}' has {value.Size} bytes; the limit is {limits.MaxOutputBytes} (MAX_OUTPUT_BYTES).");
        if (_emitted >= limits.MaxOutputsPerExecution)
            throw Refuse(pin, $"The node has emitted {_emitted} outputs, which is the limit (MAX_OUTPUTS_PER_NODE_EXECUTION).");
        _emitted++;
        _waiting.Add(new EmittedOutput { Pin = pin, Value = value });
        _bytes += value.Size;
        OutputSize += value.Size;
    }

    /// <summary>Adds to the warnings that are reported with the end.</summary>
    public void Warn(RunWarnings warnings) => _warnings = RunWarnings.Of(_warnings.Items.Concat(warnings.Items), _warnings.Omitted + warnings.Omitted);

    /// <summary>Sends an empty report to find out whether this attempt is stale.</summary>
    /// <exception cref="StaleAttemptException">It is.</exception>
    public Task RequireCurrentAsync(CancellationToken stopping) => ReportAsync(end: null, stopping);

    /// <summary>Records that the block is about to start, which is durable when this returns. An effect-free node that runs beside its run has begun already.</summary>
    /// <exception cref="StaleAttemptException">The block must not start: the attempt is stale, or another start of it has begun.</exception>
    public Task BeginAsync(CancellationToken stopping) => attempt.Start is null ? Task.CompletedTask : ReportAsync(end: null, stopping, begins: true);

    /// <summary>Sends the queued outputs.</summary>
    /// <exception cref="StaleAttemptException">The attempt is stale.</exception>
    /// <exception cref="RefusedOutputException">The database cannot store an output.</exception>
    public Task FlushAsync(CancellationToken stopping) => ReportAsync(end: null, stopping);

    /// <summary>
    /// Sends the queued outputs and the end of the attempt. When the database cannot store an output, the outputs are dropped and the end becomes FAILED.
    /// </summary>
    /// <returns>The end that the run recorded.</returns>
    public async Task<NodeEndMessage> EndAsync(NodeEndMessage end, CancellationToken stopping)
    {
        try
        {
            await ReportAsync(WithWarnings(end), stopping);
            return end;
        }
        catch (RefusedOutputException exception) when (end.Status != ExecutionStatus.Failed.Name() || _waiting.Count > 0)
        {
            // Which of the outputs the database refused is not known, and none of them is recorded.
            if (_waiting.Count > 0) Warn(RunWarnings.Of([RunWarning.Refused(_waiting.Select(output => output.Pin), _waiting.Count, exception.Message)]));
            _waiting.Clear();
            var failed = WithWarnings(end with { Status = ExecutionStatus.Failed.Name(), Error = exception.Message });
            await ReportAsync(failed, stopping);
            return failed;
        }
    }

    /// <summary>
    /// Reports, without a repeat, that this process stops and does not finish the attempt. Queued outputs are not sent: the next attempt emits them again.
    /// </summary>
    /// <exception cref="TimeoutException">The run has not answered within the limit.</exception>
    public async Task InterruptAsync(TimeSpan limit) =>
        await attempt.Report(new NodeReportMessage
        {
            NodeExecutionId = attempt.NodeExecutionId,
            Attempt = attempt.Work.Attempt,
            Epoch = attempt.Work.Epoch,
            FirstOrdinal = _nextOrdinal,
            Outputs = [],
            Interrupted = true,
            Host = attempt.Start?.Host,
            Start = attempt.Start?.Number ?? 0,
        }).WaitAsync(limit, TimeProvider.System);

    private NodeEndMessage WithWarnings(NodeEndMessage end) => _warnings.Count == 0 ? end : end with { Warnings = JsonPayload.Wrap(_warnings.ToUtf8()) };

    private RefusedOutputException Refuse(string pin, string reason)
    {
        Warn(RunWarnings.Of([RunWarning.Refused([pin], 1, reason)]));
        return new RefusedOutputException(reason);
    }

    private async Task ReportAsync(NodeEndMessage? end, CancellationToken stopping, bool begins = false)
    {
        while (true)
        {
            var report = new NodeReportMessage
            {
                NodeExecutionId = attempt.NodeExecutionId,
                Attempt = attempt.Work.Attempt,
                Epoch = attempt.Work.Epoch,
                FirstOrdinal = _nextOrdinal,
                Outputs = [.. _waiting],
                End = end,
                Host = attempt.Start?.Host,
                Start = attempt.Start?.Number ?? 0,
                Begins = begins,
            };
            // The run ignores outputs that it has recorded already, so a repeated report is harmless.
            var answer = await calls.ForEverAsync(() => attempt.Report(report), stopping);
            switch (answer.Verdict)
            {
                case NodeReportVerdict.Stale:
                    throw new StaleAttemptException();
                case NodeReportVerdict.Refused:
                    throw new RefusedOutputException($"An output could not be stored: {answer.Reason}");
            }

            var recorded = Math.Clamp(answer.NextOrdinal - _nextOrdinal, 0, _waiting.Count);
            _waiting.RemoveRange(0, recorded);
            _nextOrdinal += recorded;
            _bytes = _waiting.Sum(output => output.Value.Size);
            if (_waiting.Count == 0) return;
        }
    }
}
