using System.Diagnostics;

namespace Grainflow.Grains.Execution;

/// <summary>A piece of work in a <see cref="ComputingPool"/>: it waits, runs, and has ended or was dropped.</summary>
internal sealed class Computation
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Dropped = 2;

    private readonly Action _work;

    // Without RunContinuationsAsynchronously: whoever waits for a short one goes on on the worker, which saves a switch of threads for each tiny computation.
    private readonly TaskCompletionSource _ended = new();
    private readonly TaskCompletionSource _endedOrSlow = new();
    private readonly CancellationTokenRegistration _cancellation;
    private Exception? _failure;
    private int _state;
    private int _threadId;
    private volatile bool _isSlow;

    /// <summary>A computation that waits.</summary>
    /// <param name="work">What to compute.</param>
    /// <param name="cancellationToken">Drops it while it waits.</param>
    public Computation(Action work, CancellationToken cancellationToken)
    {
        _work = work;
        _cancellation = cancellationToken.UnsafeRegister(static computation => ((Computation)computation!).TryDrop(), this);
    }

    /// <summary>Ends with the work: fails as it failed, and is cancelled when the computation was dropped before it began.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends when <see cref="Ended"/> has, or when the work has taken longer than <see cref="ComputingPool.Moment"/>; never fails.</summary>
    public Task EndedOrSlow => _endedOrSlow.Task;

    /// <summary>When a thread took it, as a <see cref="Stopwatch"/> timestamp; 0 before.</summary>
    public long BeganAt { get; private set; }

    /// <summary>True once it has taken longer than a moment. Set by the pool, under its lock.</summary>
    public bool IsSlow => _isSlow;

    /// <summary>True once it was left behind. Belongs to the pool, under its lock.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Takes it off the queue. False when it was dropped.</summary>
    /// <param name="threadId">The thread that will compute, as the system numbers it (<see cref="SystemThreads.CurrentId"/>).</param>
    public bool TryBegin(int threadId)
    {
        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Waiting) return false;
        _cancellation.Unregister();
        _threadId = threadId;
        BeganAt = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Drops it if it has not begun. False when it has.</summary>
    public bool TryDrop()
    {
        if (Interlocked.CompareExchange(ref _state, Dropped, Waiting) != Waiting) return Volatile.Read(ref _state) == Dropped;
        // Not on this thread, which may be the one that stops the process or cancels many computations.
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

    /// <summary>Does the work and keeps its failure for <see cref="End"/>.</summary>
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

    /// <summary>Says that the work has ended. Whoever waits for it goes on within this call.</summary>
    public void End()
    {
        if (_failure is { } failure) _ended.TrySetException(failure);
        else _ended.TrySetResult();
        _endedOrSlow.TrySetResult();
    }

    /// <summary>Says that the work takes longer than a moment. Its thread gets the processor only when others leave it from now on.</summary>
    public void BecomeSlow()
    {
        _isSlow = true;
        SystemThreads.Lower(_threadId);
        // Not on the watching thread, which must not be held up by what the waiting caller does next.
        ThreadPool.UnsafeQueueUserWorkItem(static computation => computation._endedOrSlow.TrySetResult(), this, preferLocal: false);
    }
}
