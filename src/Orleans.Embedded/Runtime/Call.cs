using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>One call of a grain method, from the caller's wait to the end of the method.</summary>
/// <typeparam name="T">What the method returns.</typeparam>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The cancellation source has no timer; the grain may hold its token after the call.")]
internal sealed class Call<T> : Request
{
    private readonly GrainMethod _method;
    private readonly ICallSender _sender;
    private readonly GrainId _grainId;
    private readonly object?[] _arguments;
    private readonly Func<object?, Task> _fromGrain;
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _calleeCancellation;
    private CancellationTokenRegistration _callerCancellation;
    private ITimer? _timeout;
    private volatile Activation? _activation;

    public Call(GrainMethod method, ICallSender sender, GrainId grainId, object?[] arguments, Func<object?, Task> fromGrain)
    {
        _method = method;
        _sender = sender;
        _grainId = grainId;
        _arguments = arguments;
        _fromGrain = fromGrain;
        AlwaysInterleave = method.AlwaysInterleave;
        ReadOnly = method.ReadOnly;
    }

    /// <summary>The caller's wait.</summary>
    public Task<T> Task => _answer.Task;

    public override bool Abandoned => _answer.Task.IsCompleted;

    public void Send()
    {
        var callerToken = CrossToken();
        var timeout = _method.ResponseTimeout ?? _sender.ResponseTimeout;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _timeout = _sender.Clock.CreateTimer(static state => ((Call<T>)state!).OnTimeout(), this, timeout, Timeout.InfiniteTimeSpan);
        }

        if (callerToken.CanBeCanceled)
        {
            _callerCancellation = callerToken.UnsafeRegister(static (state, token) => ((Call<T>)state!).OnCancelled(token), this);
        }

        _sender.Send(_grainId, this);

        // Whoever completed the call before both fields were set could not clear them.
        if (Abandoned) StopWaiting();
    }

    public override async Task InvokeAsync(Activation activation)
    {
        _activation = activation;
        if (Abandoned) return;

        Task running;
        try
        {
            running = _fromGrain(_method.Invoke(activation.GrainInstance!, _arguments))
                ?? throw new InvalidOperationException($"{_method.Name} of grain {_grainId} returned null instead of a task.");
        }
        catch (Exception exception)
        {
            // Whatever the grain throws belongs to its caller.
            running = System.Threading.Tasks.Task.FromException<T>(exception);
        }

        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        activation.OnEscaped(running.Exception?.InnerException);
        Answer(running);
    }

    public override void Fail(Exception exception)
    {
        if (_answer.TrySetException(exception)) Observe();
        StopWaiting();
    }

    public override string ToString() => $"{_method.Name} of {_grainId}";

    private void Answer(Task running)
    {
        if (running is Task<T> typed) _answer.TrySetFromTask(typed);
        else if (running.IsCompletedSuccessfully) _answer.TrySetResult(default!);
        else if (running.IsCanceled) _answer.TrySetCanceled();
        else _answer.TrySetException(running.Exception!.InnerExceptions);
        Observe();
        StopWaiting();
    }

    /// <summary>Replaces the caller's token among the arguments by one of the call's own and returns the caller's.</summary>
    private CancellationToken CrossToken()
    {
        if (_method.TokenIndex < 0) return CancellationToken.None;
        var callerToken = (CancellationToken)_arguments[_method.TokenIndex]!;
        callerToken.ThrowIfCancellationRequested();
        if (callerToken.CanBeCanceled || _sender.CancelRequestOnTimeout)
        {
            _calleeCancellation = new CancellationTokenSource();
            _arguments[_method.TokenIndex] = _calleeCancellation.Token;
        }

        return callerToken;
    }

    private void OnTimeout()
    {
        var waited = _method.ResponseTimeout ?? _sender.ResponseTimeout;
        if (!_answer.TrySetException(new TimeoutException($"Response did not arrive on time in {waited} for call: {this}."))) return;
        Observe();
        if (_sender.CancelRequestOnTimeout) CancelCallee();
        StopWaiting();
    }

    private void OnCancelled(CancellationToken token)
    {
        if (!_answer.TrySetCanceled(token)) return;
        CancelCallee();
        StopWaiting();
    }

    /// <summary>Cancels the callee's token as a turn of the callee, so that what is registered on it keeps to its scheduler.</summary>
    private void CancelCallee()
    {
        if (_calleeCancellation is { } cancellation) _activation?.PostCancellation(cancellation);
    }

    private void StopWaiting()
    {
        _timeout?.Dispose();
        _callerCancellation.Unregister();
    }

    /// <summary>A caller that forgot the task must not raise <see cref="TaskScheduler.UnobservedTaskException"/>.</summary>
    private void Observe() => _ = _answer.Task.Exception;
}
