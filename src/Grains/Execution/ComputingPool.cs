using System.Diagnostics;
using Grainflow.Grains.Telemetry;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Runs computations on its own threads, at most <see cref="GrainflowOptions.ComputingPoolSize"/> short ones at a time.
/// </summary>
/// <remarks>
/// A computation occupies its thread until it has ended. On the .NET thread pool, a few long ones would occupy all threads and stop the turns of
/// grains, the requests of the gateway and the writer of the log, because that pool adds threads slowly. The threads here are
/// dedicated, so computations do not affect the thread pool. A tiny computation costs one thread switch: its caller continues
/// on the thread that has computed.
/// <para>
/// A computation cannot be interrupted, and its duration is not known before. Long ones must not delay short ones behind them. Therefore a watcher
/// thread starts a replacement for each worker that has been on the same computation for longer than <see cref="SlowAfter"/>, so that there are always as many
/// free workers as the size of the pool; when no worker is free, one for each waiting computation, up to <see cref="MaxReplacements"/>. These dequeue the newest
/// and the oldest in turn: with the oldest only, a short computation behind 64 long ones would wait until each of those had been given the processor once.
/// A worker whose computation has become slow gets the lowest priority, so that 64 of them do not slow down short computations, grain turns and the gateway;
/// it ends after its computation.
/// </para>
/// </remarks>
internal sealed class ComputingPool : IDisposable
{
    /// <summary>The most replacement workers, so that the process does not run out of memory for stacks. Beyond it, computations wait for another to end.</summary>
    public const int MaxReplacements = 64;

    /// <summary>A computation that runs for longer is slow: it does not count against the size of the pool any more.</summary>
    public static readonly TimeSpan SlowAfter = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Intervals without work after which the watcher thread sleeps. It does not sleep sooner, because waking it costs a system call per computation.</summary>
    private const int IdleRounds = 100;

    private readonly object _gate = new();
    private readonly object _watchGate = new();
    private readonly LinkedList<Computation> _waiting = new();
    private readonly HashSet<Computation> _running = [];
    private readonly int _size;
    private readonly ExecutionMetrics _metrics;

    /// <summary>Worker threads, without those of abandoned computations.</summary>
    private int _threads;

    /// <summary>Worker threads that wait for work, including those that were woken and have not dequeued any yet.</summary>
    private int _idle;

    /// <summary>Worker threads on a slow computation.</summary>
    private int _slow;

    /// <summary>True from the moment at which all workers were on slow computations while others waited, until the queue is empty.</summary>
    private bool _stuck;

    private bool _dequeueNewest;
    private bool _watcherStarted;
    private volatile bool _watching;
    private volatile bool _stopping;

    public ComputingPool(IOptions<GrainflowOptions> options, ExecutionMetrics metrics)
    {
        _size = options.Value.ComputingPoolSize;
        _metrics = metrics;
    }

    /// <summary>Queues a computation. Computations begin in the order in which they were queued, unless all workers are on slow ones.</summary>
    /// <param name="work">The code to run on a thread of this pool.</param>
    /// <param name="cancellationToken">Removes the computation from the queue; one that has begun is not interrupted.</param>
    /// <exception cref="ObjectDisposedException">The process is stopping.</exception>
    public Computation Start(Action work, CancellationToken cancellationToken)
    {
        var computation = new Computation(work, cancellationToken);
        bool wake;
        var workers = 0;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _waiting.AddLast(computation);
            if (_idle >= _waiting.Count) Monitor.Pulse(_gate);
            else if (_threads - _slow < _size) workers = AddWorkers(1);
            wake = !_watching;
            _watching = true;
        }

        StartWorkers(workers);
        if (wake) WakeWatcher();
        return computation;
    }

    /// <summary>
    /// Stops counting a computation that does not end although it was cancelled, so that another one can begin. It goes on in its thread, because a thread
    /// cannot be interrupted, and is counted in the metric of abandoned blocks until it ends.
    /// </summary>
    /// <param name="computation">A computation of this pool, in any state.</param>
    public void Abandon(Computation computation)
    {
        if (computation.TryDrop()) return;
        int workers;
        lock (_gate)
        {
            if (!_running.Remove(computation)) return;
            computation.IsAbandoned = true;
            if (computation.IsSlow) _slow--;
            _threads--;
            _metrics.BlockAbandoned();
            workers = AddWorkers(Math.Min(_waiting.Count, _size - (_threads - _slow)));
        }

        StartWorkers(workers);
    }

    /// <summary>Drops the computations that wait and ends the idle threads. Computations that run go on in their threads.</summary>
    public void Dispose()
    {
        List<Computation> dropped;
        lock (_gate)
        {
            _stopping = true;
            dropped = [.. _waiting];
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }

        lock (_watchGate) Monitor.Pulse(_watchGate);
        foreach (var computation in dropped) computation.TryDrop();
    }

    /// <summary>Counts new workers. The caller starts them outside the lock, because starting a thread waits until the system runs it.</summary>
    private int AddWorkers(int wanted)
    {
        var count = Math.Clamp(wanted, 0, Math.Max(0, _size + MaxReplacements - _threads));
        _threads += count;
        return count;
    }

    private void StartWorkers(int count)
    {
        for (var i = 0; i < count; i++) StartThread(RunWorker, "Computing");
    }

    private static void StartThread(ThreadStart work, string name) =>
        // Without the execution context of the caller: its trace would become the trace of all later computations on the thread.
        new Thread(work) { IsBackground = true, Name = name }.UnsafeStart();

    private void RunWorker()
    {
        var threadId = SystemThreads.CurrentId();
        while (Dequeue(threadId) is { } computation)
        {
            computation.Run();
            if (!computation.IsSlow && RemoveRunning(computation))
            {
                computation.Complete();
                continue;
            }

            // This thread may have the lowest priority: it must not take the lock, for which others would wait, nor run the continuation of the caller.
            ThreadPool.UnsafeQueueUserWorkItem(static ended => ended.Pool.RemoveAndComplete(ended.Computation), (Pool: this, Computation: computation), preferLocal: false);
            return;
        }
    }

    /// <summary>Waits for the next computation. Null when the thread must end.</summary>
    private Computation? Dequeue(int threadId)
    {
        lock (_gate)
        {
            while (true)
            {
                while (_waiting.Count > 0)
                {
                    _dequeueNewest = _stuck && !_dequeueNewest;
                    var next = (_dequeueNewest ? _waiting.Last : _waiting.First)!;
                    _waiting.Remove(next);
                    if (!next.Value.TryBegin(threadId)) continue;
                    _running.Add(next.Value);
                    return next.Value;
                }

                _stuck = false;
                if (_stopping || _threads - _slow > _size)
                {
                    _threads--;
                    return null;
                }

                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }
        }
    }

    private void RemoveAndComplete(Computation computation)
    {
        RemoveRunning(computation);
        computation.Complete();
    }

    /// <summary>
    /// Removes a computation that has ended; a second call changes nothing. False when its thread must end too, because another worker has replaced it or its
    /// priority was lowered.
    /// </summary>
    private bool RemoveRunning(Computation computation)
    {
        int workers;
        lock (_gate)
        {
            if (computation.IsAbandoned)
            {
                computation.IsAbandoned = false;
                _metrics.AbandonedBlockEnded();
                return false;
            }

            if (!_running.Remove(computation)) return false;
            if (!computation.IsSlow) return true;
            _slow--;
            _threads--;
            workers = AddWorkers(Math.Min(_waiting.Count, _size - (_threads - _slow)));
        }

        StartWorkers(workers);
        return false;
    }

    private void WakeWatcher()
    {
        lock (_watchGate)
        {
            if (!_watcherStarted)
            {
                _watcherStarted = true;
                StartThread(Watch, "Computing watcher");
            }

            Monitor.Pulse(_watchGate);
        }
    }

    private void Watch()
    {
        var idle = 0;
        while (!_stopping)
        {
            lock (_watchGate)
            {
                while (!_watching && !_stopping) Monitor.Wait(_watchGate);
                if (!_stopping) Monitor.Wait(_watchGate, WatchInterval);
            }

            int workers;
            lock (_gate)
            {
                workers = ReplaceSlowWorkers();
                idle = _running.Count == 0 && _waiting.Count == 0 ? idle + 1 : 0;
                if (idle == IdleRounds)
                {
                    _watching = false;
                    idle = 0;
                }
            }

            StartWorkers(workers);
        }
    }

    private int ReplaceSlowWorkers()
    {
        foreach (var computation in _running)
        {
            if (computation.IsSlow || Stopwatch.GetElapsedTime(computation.BeganAt) < SlowAfter) continue;
            computation.MarkSlow();
            _slow++;
        }

        if (_slow == 0) return 0;
        var free = _threads - _slow;
        if (free > 0 || _waiting.Count == 0) return AddWorkers(_size - free);
        // The waiting ones may be slow as well. With only as many replacements as the size of the pool, a short one among them would wait for a round of each.
        _stuck = true;
        return AddWorkers(Math.Max(_size, _waiting.Count));
    }
}
