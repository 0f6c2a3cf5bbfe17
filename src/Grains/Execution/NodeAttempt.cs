using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The state of an attempt that is under way, in the list of its silo (<see cref="SiloAttempts"/>).</summary>
internal sealed class NodeAttempt : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _abandoned;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _clock;
    private readonly Lock _ending = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _limit;
    private IDisposable? _block;
    private volatile bool _isInterrupted;
    private volatile NodeAttempt? _tool;
    private bool _ended;

    public NodeAttempt(Guid nodeExecutionId, NodeWork work, Func<NodeReportMessage, Task<NodeReportAnswer>> report, TimeProvider clock, TimeSpan grace)
    {
        NodeExecutionId = nodeExecutionId;
        Work = work;
        Report = report;
        _abandoned = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _clock = clock;
        _grace = grace;
    }

    public Guid NodeExecutionId { get; }

    public NodeWork Work { get; }

    /// <summary>The attempt, as the run names it.</summary>
    public AttemptId Id => new(NodeExecutionId, Work.Attempt, Work.Epoch);

    /// <summary>Which start of the attempt this is; null for an effect-free node that runs beside its run, which reports no begin.</summary>
    public AttemptStart? Start { get; init; }

    /// <summary>The attempt that runs this one as a tool in its place; null for the attempt of a node execution of the run.</summary>
    public NodeAttempt? Parent { get; init; }

    /// <summary>The tool that the attempt runs in its place at the moment, or null.</summary>
    public NodeAttempt? Tool
    {
        get => _tool;
        set => _tool = value;
    }

    /// <summary>Completes when the attempt has ended and reported, or is stale.</summary>
    public Task Ended => _over.Task;

    /// <summary>True when a newer attempt has replaced this one, whose reports are stale from then on.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>Sends a report to the run of the node and completes when the report is durable. It may be repeated when its outcome is not known.</summary>
    public Func<NodeReportMessage, Task<NodeReportAnswer>> Report { get; }

    /// <summary>Requests that the block ends.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Stops waiting for the block: it did not end within the grace period after its cancellation, or the process is stopping.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>True when the block was cancelled because it had run for as long as it may.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>True when the block was cancelled because its credentials were deleted.</summary>
    public bool HasLostCredentials { get; private set; }

    /// <summary>True when this silo does not finish the attempt because it leaves; a later attempt follows.</summary>
    public bool IsInterrupted => _isInterrupted;

    /// <summary>The providers of the credentials that the block was given.</summary>
    public IReadOnlyCollection<string> Providers { get; set; } = [];

    /// <summary>The rule of the price that was charged; null before, and when nothing but the fee is charged.</summary>
    public CostRule? Price { get; set; }

    /// <summary>The time stamp of the clock when the block was started, or null.</summary>
    public long? BlockStarted { get; set; }

    /// <summary>What the block counts.</summary>
    public BlockUsage Usage { get; set; } = new();

    /// <summary>Released when the run of the sub-agent that this node executes has progressed.</summary>
    public SemaphoreSlim ChildProgress { get; } = new(0, 1);

    /// <summary>
    /// Whether other work replaces this attempt: it has a later epoch, or a later attempt of the same epoch. A later session may start with attempt 1 again
    /// when the dispatch of the earlier session never became durable.
    /// </summary>
    /// <param name="work">Work of the same node execution.</param>
    public bool IsOlderThan(NodeWork work) => (Work.Epoch, Work.Attempt).CompareTo((work.Epoch, work.Attempt)) < 0;

    /// <summary>Cancels the attempt if it has not ended, and abandons the block after the grace period.</summary>
    public void Cancel() => Cancel(timedOut: false);

    /// <summary>Cancels the attempt because its credentials were deleted.</summary>
    public void CancelWithoutCredentials()
    {
        lock (_ending) HasLostCredentials = !_ended && !_cancelled.IsCancellationRequested;
        Cancel();
    }

    /// <summary>Cancels the attempt because a newer one takes its place. Unlike <see cref="Cancel()"/>, it does not stop the run of a sub-agent, which the newer one goes on with.</summary>
    public void Replace()
    {
        IsReplaced = true;
        Cancel();
    }

    /// <summary>Cancels the block after a time, unless the attempt has ended. Called once, when the block starts.</summary>
    /// <param name="time">The time, more than zero.</param>
    public void LimitTo(TimeSpan time)
    {
        lock (_ending)
        {
            if (!_ended) _limit = _clock.CreateTimer(static attempt => ((NodeAttempt)attempt!).Cancel(timedOut: true), this, time, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Begins the block, so that a silo that begins to drain waits for its end.</summary>
    /// <param name="draining">The state of the silo.</param>
    /// <exception cref="OperationCanceledException">The silo drains, so the block must not begin; <see cref="IsInterrupted"/> is true.</exception>
    public void BeginBlock(Draining draining)
    {
        lock (_ending)
        {
            if (!_isInterrupted && (_block = draining.TryBeginBlock()) is not null) return;
            _isInterrupted = true;
        }

        throw new OperationCanceledException("The silo leaves; the block does not begin here.");
    }

    /// <summary>Lets a draining silo leave: the end of the block is recorded, or is not going to be.</summary>
    public void EndBlock() => _block?.Dispose();

    /// <summary>Abandons the block at once, because the process is stopping. The node execution is not ended: a later attempt follows.</summary>
    public void Interrupt()
    {
        _isInterrupted = true;
        _ = _abandoned.CancelAsync();
    }

    /// <summary>Interrupts the attempt if its block has not begun, because the silo drains.</summary>
    public void InterruptUnlessBegun()
    {
        lock (_ending)
        {
            if (_ended || _block is not null) return;
            Interrupt();
        }
    }

    /// <summary>Releases <see cref="ChildProgress"/>.</summary>
    public void SignalChildProgress()
    {
        // One signal suffices for any number of hints, because the child's log is read to its end.
        lock (_ending)
        {
            if (!_ended && ChildProgress.CurrentCount == 0) ChildProgress.Release();
        }

        _tool?.SignalChildProgress();
    }

    public void Dispose()
    {
        lock (_ending) _ended = true;
        _limit?.Dispose();
        _cancelled.Dispose();
        _abandoned.Dispose();
        ChildProgress.Dispose();
        _over.TrySetResult();
    }

    private void Cancel(bool timedOut)
    {
        lock (_ending)
        {
            if (_ended || _cancelled.IsCancellationRequested) return;
            TimedOut = timedOut;
            _abandoned.CancelAfter(_grace);
            // Callbacks of the block run on the thread pool, because they must not delay the turn of the calling grain.
            _ = _cancelled.CancelAsync();
        }
    }
}
