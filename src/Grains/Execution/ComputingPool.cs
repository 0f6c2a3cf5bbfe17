using System.Diagnostics;
using Grainflow.Grains.Telemetry;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Runs computations on threads of its own, as many at a time as the option <see cref="GrainflowOptions.ComputingPoolSize"/> says.
/// </summary>
/// <remarks>
/// A computation holds its thread until it has ended. On the .NET thread pool, a few long ones would hold all threads and with them the turns of
/// grains, the requests of the gateway and the writer of the log, because that pool adds threads slowly. The threads here are
/// dedicated, so such a load leaves the thread pool alone. A tiny computation costs one switch of threads: its caller goes on
/// on the thread that has computed.
/// <para>
/// A computation cannot be interrupted, and how long it takes is not known before. So that long ones do not hold up short ones behind them, a watching
/// thread starts replacements for workers that have been on the same computation for longer than <see cref="Moment"/>, so that there are always as many free
/// workers as the pool is large; when no worker is left, one for each computation that waits, up to <see cref="MaxReplacements"/>. They then take the newest and the
/// oldest in turn: with the oldest only, a short computation behind 64 long ones would have to wait until each of these was given the processor once.
/// A worker whose computation has become long gets the lowest priority, so that 64 of them leave the processor to short ones, to turns and to the gateway, and
/// ends after it.
/// </para>
/// </remarks>
internal sealed class ComputingPool : IDisposable
{
    /// <summary>Replacements at most, so that the process does not run out of memory for stacks; beyond that computations wait for one to end.</summary>
    public const int MaxReplacements = 64;

    /// <summary>A computation that takes longer no longer counts against the size of the pool.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>Rounds without work after which the watching thread sleeps. It does not sleep sooner, because waking it costs a lone computation a system call.</summary>
    private const int IdleRounds = 100;

    private readonly object _gate = new();
    private readonly object _watchGate = new();
    private readonly LinkedList<Computation> _waiting = new();
    private readonly HashSet<Computation> _running = [];
    private readonly int _size;
    private readonly ExecutionMetrics _metrics;

    /// <summary>Threads, without those of abandoned computations.</summary>
    private int _threads;

    /// <summary>Threads that wait for work, with those that were woken and have not taken it yet.</summary>
    private int _idle;

    /// <summary>Threads on a computation that takes longer than a moment.</summary>
    private int _slow;

    /// <summary>True while every worker has been on a long computation and others still wait.</summary>
    private bool _stuck;

    private bool _takeNewest;
    private bool _watcherStarted;
    private volatile bool _watching;
    private volatile bool _stopping;

    public ComputingPool(IOptions<GrainflowOptions> options, ExecutionMetrics metrics)
    {
        _size = options.Value.ComputingPoolSize;
        _metrics = metrics;
    }

    /// <summary>Queues a computation. Computations begin in the order in which they were queued, unless all workers are on long ones.</summary>
    /// <param name="work">What to compute; runs on a thread of this pool.</param>
    /// <param name="cancellationToken">Takes the computation out of the queue; one that has begun is not interrupted.</param>
    /// <exception cref="ObjectDisposedException">The process stops.</exception>
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
    /// Leaves a computation behind that does not end although it was cancelled. It keeps its thread, which cannot be taken from it, and gives its
    /// place to others; until it ends it is counted as abandoned.
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

    /// <summary>Ends the threads that have nothing to do. Computations that wait are dropped; those that run keep their threads.</summary>
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

    /// <summary>Counts workers that the caller starts after it has left the lock: starting a thread waits until the system runs it.</summary>
    private int AddWorkers(int wanted)
    {
        var count = Math.Clamp(wanted, 0, Math.Max(0, _size + MaxReplacements - _threads));
        _threads += count;
        return count;
    }

    private void StartWorkers(int count)
    {
        for (var i = 0; i < count; i++) StartThread(Work, "Computing");
    }

    private static void StartThread(ThreadStart work, string name) =>
        // The execution context of whoever comes first, such as its trace, must not become that of all computations.
        new Thread(work) { IsBackground = true, Name = name }.UnsafeStart();

    private void Work()
    {
        var threadId = SystemThreads.CurrentId();
        while (Take(threadId) is { } computation)
        {
            computation.Run();
            if (!computation.IsSlow && Leave(computation))
            {
                computation.End();
                continue;
            }

            // With its low priority this thread must neither hold the lock, for which all others would wait, nor go on with what the caller does next.
            ThreadPool.UnsafeQueueUserWorkItem(static ended => ended.Pool.Retire(ended.Computation), (Pool: this, Computation: computation), preferLocal: false);
            return;
        }
    }

    private Computation? Take(int threadId)
    {
        lock (_gate)
        {
            while (true)
            {
                while (_waiting.Count > 0)
                {
                    _takeNewest = _stuck && !_takeNewest;
                    var next = (_takeNewest ? _waiting.Last : _waiting.First)!;
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

    private void Retire(Computation computation)
    {
        Leave(computation);
        computation.End();
    }

    /// <summary>A computation has ended; said again, nothing changes. False when its thread must end too: its place was given away, or its priority was lowered.</summary>
    private bool Leave(Computation computation)
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
                if (!_stopping) Monitor.Wait(_watchGate, WatchEvery);
            }

            int workers;
            lock (_gate)
            {
                workers = Relieve();
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

    private int Relieve()
    {
        foreach (var computation in _running)
        {
            if (computation.IsSlow || Stopwatch.GetElapsedTime(computation.BeganAt) < Moment) continue;
            computation.BecomeSlow();
            _slow++;
        }

        if (_slow == 0) return 0;
        var free = _threads - _slow;
        if (free > 0 || _waiting.Count == 0) return AddWorkers(_size - free);
        // Those that wait may be long as well. With only as many replacements as the pool is large, a short one among them would wait for a round of each.
        _stuck = true;
        return AddWorkers(Math.Max(_size, _waiting.Count));
    }
}
