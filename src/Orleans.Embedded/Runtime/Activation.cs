using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>One activation of a grain: its queue of requests, which of them run, and the beginning and end of its life.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The cancellation source has no timer and no registration that outlives it.")]
[DebuggerDisplay("{GrainId} {_phase}")]
internal sealed partial class Activation : IGrainContext
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Request> _waiting = new();
    private readonly HashSet<Request> _running = [];
    private readonly ActivationScheduler _scheduler;
    private readonly GrainClass _class;
    private readonly Silo _silo;
    private readonly Action _pump;
    private Request? _blocking;
    private int _waitingThatMayInterleave;
    private bool _pumpPosted;
    private long _lastUsed;
    private long _keepUntil;
    private volatile Phase _phase = Phase.Activating;

    public Activation(Silo silo, GrainClass grainClass, GrainId grainId)
    {
        _silo = silo;
        _class = grainClass;
        GrainId = grainId;
        _scheduler = new ActivationScheduler(this);
        _pump = Pump;
        _lastUsed = silo.CollectionClock.GetTimestamp();
    }

    private enum Phase
    {
        Activating,
        Valid,
        Deactivating,
        Ending,
        Ended,
    }

    /// <summary>The activation whose turn this thread runs; null outside of any.</summary>
    public static Activation? Running => (TaskScheduler.Current as ActivationScheduler)?.Activation;

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices { get; private set; } = null!;

    public TimeProvider GrainClock => _silo.GrainClock;

    /// <summary>A reference to this grain.</summary>
    public object Self(Type interfaceType) => GrainProxy.Create(interfaceType, _silo.GrainFactory, GrainId);

    /// <summary>Refuses access from code that does not run as a turn of this activation, or outlives it.</summary>
    public void EnsureRunning()
    {
        if (Running is null)
        {
            throw new InvalidOperationException("Activation access violation. A non-activation thread attempted to access activation services.");
        }

        if (Running != this) throw new InvalidOperationException($"Current grain context {Running.GrainId} differs from {GrainId}.");
        if (_phase == Phase.Ended) throw new InvalidOperationException($"Attempted to access an invalid activation: {GrainId}.");
    }

    /// <summary>Takes a request; false when the activation has ended and the request must go to a new one.</summary>
    public bool TryEnqueue(Request request)
    {
        lock (_gate)
        {
            if (_phase == Phase.Ended) return false;
            _waiting.AddLast(request);
            if (MayInterleave(request)) _waitingThatMayInterleave++;
            if (_pumpPosted) return true;
            _pumpPosted = true;
        }

        _scheduler.Post(_pump);
        return true;
    }

    /// <summary>Cancels as a turn, whatever runs.</summary>
    public void PostCancellation(CancellationTokenSource cancellation) => _scheduler.Post(() =>
    {
        try
        {
            cancellation.Cancel();
        }
        catch (AggregateException exception)
        {
            Log.CancellationFailed(_silo.Logger, exception, GrainId);
        }
    });

    /// <summary>Deactivates if nothing was asked of the activation for its age limit.</summary>
    public void CollectIfIdle(TimeProvider clock)
    {
        lock (_gate)
        {
            if (_phase != Phase.Valid || _running.Count > 0 || _waiting.Count > 0) return;
            if (_class.CollectionAge == Timeout.InfiniteTimeSpan || clock.GetElapsedTime(_lastUsed) < _class.CollectionAge) return;
            if (_keepUntil > _silo.GrainClock.GetUtcNow().UtcTicks) return;
        }

        Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "This activation has become idle."));
    }

    public void DelayDeactivation(TimeSpan timeSpan)
    {
        lock (_gate)
        {
            if (timeSpan == Timeout.InfiniteTimeSpan || timeSpan == TimeSpan.MaxValue) _keepUntil = long.MaxValue;
            else _keepUntil = timeSpan <= TimeSpan.Zero ? 0 : (_silo.GrainClock.GetUtcNow() + timeSpan).UtcTicks;
        }
    }

    public void OnTickFailed(Exception exception)
    {
        Log.TickFailed(_silo.Logger, exception, GrainId);
        OnEscaped(exception);
    }

    /// <summary>After a storage conflict in this activation its memory is not what is stored: it must end.</summary>
    public void OnEscaped(Exception? exception)
    {
        if (exception is not InconsistentStateException { IsSourceActivation: true } conflict) return;
        conflict.IsSourceActivation = false;
        Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, conflict, "A storage conflict escaped from the grain."));
    }

    private static bool MayInterleave(Request request) => request.AlwaysInterleave || request.ReadOnly;

    private void Pump()
    {
        while (true)
        {
            Request? next = null;
            lock (_gate)
            {
                _pumpPosted = false;
                if (_phase == Phase.Deactivating && _running.Count == 0)
                {
                    _phase = Phase.Ending;
                }
                else
                {
                    if (!TryTake(out next)) return;
                    if (next.Abandoned) continue;
                    _running.Add(next);
                    if (_blocking is null && !next.AlwaysInterleave) _blocking = next;
                }
            }

            if (next is null)
            {
                _ = EndAsync();
                return;
            }

            var task = next.InvokeAsync(this);
            if (task.IsCompleted) OnCompleted(next);
            else _ = AwaitAsync(next, task);
        }
    }

    private bool TryTake(out Request request)
    {
        request = null!;
        if (_phase is not (Phase.Valid or Phase.Deactivating)) return false;

        // Nothing behind a request that blocks can pass it, so a long queue is not searched in vain.
        if (_blocking is not null && !_class.Reentrant && _waitingThatMayInterleave == 0 && _phase == Phase.Valid) return false;
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            request = node.Value;
            if (_phase == Phase.Deactivating && !request.LocalOnly) continue;
            if (!MayStart(request)) continue;
            _waiting.Remove(node);
            if (MayInterleave(request)) _waitingThatMayInterleave--;
            return true;
        }

        return false;
    }

    private bool MayStart(Request request) =>
        _blocking is null
        || _class.Reentrant
        || request.AlwaysInterleave
        || (request.ReadOnly && _blocking.ReadOnly);

    private async Task AwaitAsync(Request request, Task task)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        OnCompleted(request);
        Pump();
    }

    private void OnCompleted(Request request)
    {
        lock (_gate)
        {
            _running.Remove(request);
            if (request.KeepAlive) _lastUsed = _silo.CollectionClock.GetTimestamp();
            if (ReferenceEquals(_blocking, request)) _blocking = null;
        }
    }
}
