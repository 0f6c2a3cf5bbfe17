using System.Diagnostics;

namespace Grainflow.Grains.Execution;

/// <summary>One piece of work in a <see cref="ComputingPool"/>. It waits, then runs and ends, or is dropped before it begins.</summary>
internal sealed class Computation
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Dropped = 2;

    private readonly Action _work;

    // Without RunContinuationsAsynchronously: the continuation of a short computation runs on the worker thread, which saves a thread switch for each.
    private readonly TaskCompletionSource _ended = new();
    private readonly TaskCompletionSource _endedOrSlow = new();
    private readonly CancellationTokenRegistration _cancellation;
    private Exception? _failure;
    private int _state;
    private int _threadId;
    private volatile bool _isSlow;

    /// <summary>Creates a computation in the state "waiting".</summary>
    /// <param name="work">The code to run.</param>
    /// <param name="cancellationToken">Drops the computation if it has not begun.</param>
    public Computation(Action work, CancellationToken cancellationToken)
    {
        _work = work;
        _cancellation = cancellationToken.UnsafeRegister(static computation => ((Computation)computation!).TryDrop(), this);
    }

    /// <summary>Completes when the work has ended, with its exception if it failed; cancelled when the computation was dropped before it began.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes with <see cref="Ended"/>, or earlier once the work has run for longer than <see cref="ComputingPool.SlowAfter"/>. Does not fail.</summary>
    public Task EndedOrSlow => _endedOrSlow.Task;

    /// <summary>When a thread began it, as a <see cref="Stopwatch"/> timestamp; 0 before.</summary>
    public long BeganAt { get; private set; }

    /// <summary>True once it has run for longer than <see cref="ComputingPool.SlowAfter"/>. Set by the pool under its lock.</summary>
    public bool IsSlow => _isSlow;

    /// <summary>True from <see cref="ComputingPool.Abandon"/> until it ends. Read and written by the pool under its lock.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Moves it from "waiting" to "begun". False when it was dropped.</summary>
    /// <param name="threadId">The operating system's id of the thread that will run it (<see cref="SystemThreads.CurrentId"/>).</param>
    public bool TryBegin(int threadId)
    {
        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Waiting) return false;
        _cancellation.Unregister();
        _threadId = threadId;
        BeganAt = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Drops it if it is waiting. False when it has begun.</summary>
    public bool TryDrop()
    {
        if (Interlocked.CompareExchange(ref _state, Dropped, Waiting) != Waiting) return Volatile.Read(ref _state) == Dropped;
        // Continuations run on the thread pool: the calling thread may be stopping the process or cancelling many computations.
        ThreadPool.UnsafeQueueUserWorkItem(
            static computation =>
            {
                computation._ended.TrySetCanceled(CancellationToken.None);
                computation._endedOrSlow.TrySetResult();
            },
            this,
            preferLocal: false);
        return true;
    }

    /// <summary>Runs the work and stores its exception for <see cref="Complete"/>.</summary>
    public void Run()
    {
        try
        {
            _work();
        }
        catch (Exception exception)
        {
            _failure = exception;
        }
    }

    /// <summary>Completes <see cref="Ended"/> and <see cref="EndedOrSlow"/>. Their continuations run inside this call.</summary>
    public void Complete()
    {
        if (_failure is { } failure) _ended.TrySetException(failure);
        else _ended.TrySetResult();
        _endedOrSlow.TrySetResult();
    }

    /// <summary>Marks the computation as slow and gives its thread the lowest priority, so that it uses only processor time that no other thread wants.</summary>
    public void MarkSlow()
    {
        _isSlow = true;
        SystemThreads.Lower(_threadId);
        // The continuation runs on the thread pool, because it must not delay the watcher thread.
        ThreadPool.UnsafeQueueUserWorkItem(static computation => computation._endedOrSlow.TrySetResult(), this, preferLocal: false);
    }
}
