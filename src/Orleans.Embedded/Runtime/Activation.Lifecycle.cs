using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <content>Activation and deactivation.</content>
internal sealed partial class Activation
{
    /// <summary>A request that ended activations have passed on more often than this is refused, so that a grain that never comes up does not spin.</summary>
    private const int MaxForwards = 2;

    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _activation = new();
    private readonly List<GrainTimer> _timers = [];
    private AsyncServiceScope? _scope;
    private DeactivationReason _reason;
    private CancellationToken _hurry;
    private bool _wasValid;

    public Task Deactivated => _deactivated.Task;

    /// <summary>Begins the life of the activation.</summary>
    public void Start() => _scheduler.Post(() => _ = ActivateAsync());

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        bool activating;
        lock (_gate)
        {
            if (_phase is not (Phase.Activating or Phase.Valid)) return;
            activating = _phase == Phase.Activating;
            _wasValid = !activating;
            _reason = deactivationReason;
            _hurry = cancellationToken;
            _phase = Phase.Deactivating;
        }

        // An activation that is coming up ends itself when its OnActivateAsync returns.
        if (activating) PostCancellation(_activation);
        else _scheduler.Post(_pump);
    }

    /// <summary>Ends at once, without a word to the grain: what waits or runs fails at its callers.</summary>
    public void Abandon(Exception exception)
    {
        List<Request> lost;
        lock (_gate)
        {
            if (_phase == Phase.Ended) return;
            lost = [.. _running, .. _waiting];
            _waiting.Clear();
            _phase = Phase.Ended;
        }

        StopTimers();
        _silo.Forget(this);
        foreach (var request in lost) request.Fail(exception);
        _deactivated.TrySetResult();
    }

    public void Add(GrainTimer timer)
    {
        lock (_gate)
        {
            _timers.Add(timer);
        }
    }

    public void Remove(GrainTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    private async Task ActivateAsync()
    {
        Exception? failure = null;
        try
        {
            _scope = _silo.Services.CreateAsyncScope();
            ActivationServices = _scope.Value.ServiceProvider;
            var (instance, states) = _class.Create(this);
            GrainInstance = instance;
            foreach (var state in states) await state.ReadStateAsync();
            if (_class.HearsOfActivation) await ComeUpAsync((IGrainBase)instance);
        }
        catch (Exception exception)
        {
            // Whatever activation throws belongs to the callers that wait for it.
            failure = exception;
        }

        bool ended;
        lock (_gate)
        {
            if (_phase == Phase.Ended) return;
            if (failure is null && _phase == Phase.Activating) _phase = Phase.Valid;
            ended = _phase != Phase.Valid;
            if (ended) _phase = Phase.Ending;
        }

        if (!ended)
        {
            Pump();
            return;
        }

        if (failure is not null) Log.ActivationFailed(_silo.Logger, failure, GrainId);

        // When the grain was told to end while it came up, its own cancellation is no failure of the callers.
        await CloseAsync(_reason.ReasonCode == DeactivationReasonCode.None ? failure : null);
    }

    private async Task ComeUpAsync(IGrainBase grain)
    {
        using var limit = new CancellationTokenSource(_silo.Collection.ActivationTimeout, _silo.CollectionClock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _activation.Token);
        await grain.OnActivateAsync(linked.Token).WaitAsync(linked.Token);
    }

    private async Task EndAsync()
    {
        StopTimers();
        if (_wasValid && _class.HearsOfDeactivation && GrainInstance is IGrainBase grain)
        {
            using var limit = new CancellationTokenSource(_silo.Collection.DeactivationTimeout, _silo.CollectionClock);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _hurry);
            try
            {
                await grain.OnDeactivateAsync(_reason, linked.Token).WaitAsync(linked.Token);
            }
            catch (Exception exception)
            {
                // The end of an activation cannot be refused.
                Log.DeactivationFailed(_silo.Logger, exception, GrainId);
            }
        }

        await CloseAsync(failure: null);
    }

    private async Task CloseAsync(Exception? failure)
    {
        StopTimers();
        try
        {
            if (GrainInstance is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
            else (GrainInstance as IDisposable)?.Dispose();
            if (_scope is { } scope) await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            // As above.
            Log.DeactivationFailed(_silo.Logger, exception, GrainId);
        }

        Request[] waiting;
        lock (_gate)
        {
            if (_phase == Phase.Ended) return;
            _phase = Phase.Ended;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        _silo.Forget(this);
        _deactivated.TrySetResult();
        foreach (var request in waiting) Pass(request, failure);
    }

    private void Pass(Request request, Exception? failure)
    {
        if (request.LocalOnly) return;
        if (failure is not null) request.Fail(failure);
        else if (request.Forwarded++ < MaxForwards) _silo.Send(GrainId, request);
        else request.Fail(new OrleansMessageRejectionException($"Grain {GrainId} ended {MaxForwards + 1} times before it took the request: {_reason}"));
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_gate)
        {
            timers = [.. _timers];
        }

        foreach (var timer in timers) timer.Dispose();
    }
}
