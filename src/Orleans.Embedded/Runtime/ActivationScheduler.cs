namespace Orleans.Runtime;

/// <summary>
/// Runs the turns of one activation, one at a time, on the thread pool. Code that awaits inside of a turn comes back to it,
/// because <see cref="TaskScheduler.Current"/> is captured by await.
/// </summary>
internal sealed class ActivationScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>After so many turns the thread goes back to the pool, so that a busy activation does not starve the others.</summary>
    private const int TurnsPerVisit = 64;

    private readonly Lock _gate = new();
    private readonly Queue<Task> _queue = new();
    private bool _scheduled;
    private volatile Thread? _thread;

    public Activation Activation { get; } = activation;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs an action as a turn of its own, outside of the caller's execution context.</summary>
    public void Post(Action action)
    {
        // The caller's async locals must not reach the callee: a call is a message, not a stack frame.
        var suppressed = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        try
        {
            _ = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);
        }
        finally
        {
            suppressed.Dispose();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        _thread = Thread.CurrentThread;
        try
        {
            for (var turn = 0; turn < TurnsPerVisit; turn++)
            {
                Task? task;
                lock (_gate)
                {
                    if (!_queue.TryDequeue(out task))
                    {
                        _scheduled = false;
                        return;
                    }

                    // Left set while the last turn runs: a turn that queues another must not start a second thread.
                }

                TryExecuteTask(task);
            }
        }
        finally
        {
            _thread = null;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _queue.Enqueue(task);
            if (_scheduled) return;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>Inline execution is right only inside of a turn of this very activation.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(_thread, Thread.CurrentThread) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return _queue.ToArray();
        }
    }
}
