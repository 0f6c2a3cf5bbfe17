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
/// thread starts replacements for workers that have been on the same computation for longer than <see cref="Moment"/>; when that is true of all workers, one
/// for each computation that waits, up to <see cref="MaxReplacements"/>. Replacements end when nothing waits any more.
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
    private readonly Queue<Computation> _waiting = new();
    private readonly HashSet<Computation> _running = [];
    private readonly int _size;
    private readonly ExecutionMetrics _metrics;

    /// <summary>Threads, without those of abandoned computations.</summary>
    private int _threads;

    /// <summary>Threads that wait for work, with those that were woken and have not taken it yet.</summary>
    private int _idle;

    /// <summary>Threads on a computation that takes longer than a moment.</summary>
    private int _slow;

    private bool _watcherStarted;
    private volatile bool _watching;
    private volatile bool _stopping;

    public ComputingPool(IOptions<GrainflowOptions> options, ExecutionMetrics metrics)
    {
        _size = options.Value.ComputingPoolSize;
        _metrics = metrics;
    }

    /// <summary>Queues a computation. Computations begin in the order in which they were queued.</summary>
    /// <param name="work">What to compute; runs on a thread of this pool.</param>
    /// <param name="cancellationToken">Takes the computation out of the queue; one that has begun is not interrupted.</param>
    /// <exception cref="ObjectDisposedException">The process stops.</exception>
    public Computation Start(Action work, CancellationToken cancellationToken)
    {
        var computation = new Computation(work, cancellationToken);
        bool wake;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _waiting.Enqueue(computation);
            if (_idle >= _waiting.Count) Monitor.Pulse(_gate);
            else if (_threads - _slow < _size) StartWorkers(1);
            wake = !_watching;
            _watching = true;
        }

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
        lock (_gate)
        {
            if (!_running.Remove(computation)) return;
            computation.IsAbandoned = true;
            if (computation.IsSlow) _slow--;
            _threads--;
            _metrics.BlockAbandoned();
            StartWorkers(Math.Min(_waiting.Count, _size - (_threads - _slow)));
        }
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

    private void StartWorkers(int count)
    {
        count = Math.Min(count, _size + MaxReplacements - _threads);
        for (var i = 0; i < count; i++)
        {
            _threads++;
            StartThread(Work, "Computing");
        }
    }

    private static void StartThread(ThreadStart work, string name) =>
        // The execution context of whoever comes first, such as its trace, must not become that of all computations.
        new Thread(work) { IsBackground = true, Name = name }.UnsafeStart();

    private void Work()
    {
        while (Take() is { } computation)
        {
            computation.Run();
            var abandoned = Leave(computation);
            computation.End();
            // Its place was given to another thread when it was left behind.
            if (abandoned) return;
        }
    }

    private Computation? Take()
    {
        lock (_gate)
        {
            while (true)
            {
                while (_waiting.TryDequeue(out var next))
                {
                    if (!next.TryBegin()) continue;
                    _running.Add(next);
                    return next;
                }

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

    private bool Leave(Computation computation)
    {
        lock (_gate)
        {
            if (computation.IsAbandoned)
            {
                _metrics.AbandonedBlockEnded();
                return true;
            }

            _running.Remove(computation);
            if (computation.IsSlow) _slow--;
            return false;
        }
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

            lock (_gate)
            {
                idle = _running.Count == 0 && _waiting.Count == 0 ? idle + 1 : 0;
                Relieve();
                if (idle < IdleRounds) continue;
                _watching = false;
                idle = 0;
            }
        }
    }

    private void Relieve()
    {
        foreach (var computation in _running)
        {
            if (computation.IsSlow || Stopwatch.GetElapsedTime(computation.BeganAt) < Moment) continue;
            computation.BecomeSlow();
            _slow++;
        }

        if (_waiting.Count == 0) return;
        var free = _threads - _slow;
        // When every worker is on a long computation, those that wait may be long as well. With only as many replacements as workers, a short one among them would wait for one round per worker.
        var wanted = free == 0 ? _waiting.Count : _size - free;
        StartWorkers(Math.Min(wanted, _waiting.Count));
    }
}
