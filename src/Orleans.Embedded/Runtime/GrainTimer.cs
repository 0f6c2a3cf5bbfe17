namespace Orleans.Runtime;

/// <summary>A timer of an activation. Each tick is a request to it; the next one is set when the callback has ended.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _firing;
    private bool _changed;

    private GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        var suppressed = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        try
        {
            _timer = activation.GrainClock.CreateTimer(static state => ((GrainTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            suppressed.Dispose();
        }
    }

    public static IGrainTimer Register(IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(grain);
        var activation = (Activation)grain.GrainContext;
        activation.EnsureRunning();
        Validate(options.DueTime, options.Period);
        var timer = new GrainTimer(activation, callback, options);
        activation.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, period);
        lock (_gate)
        {
            if (_disposed.IsCancellationRequested) return;
            _dueTime = dueTime;
            _period = period;
            _changed = true;
            if (!_firing) _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed.IsCancellationRequested) return;
            _timer.Dispose();
        }

        _activation.Remove(this);
        _disposed.Cancel();
    }

    private static void Validate(TimeSpan dueTime, TimeSpan period)
    {
        // What System.Threading.Timer accepts.
        const long longest = 0xfffffffe;
        ArgumentOutOfRangeException.ThrowIfLessThan((long)dueTime.TotalMilliseconds, -1, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)dueTime.TotalMilliseconds, longest, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfLessThan((long)period.TotalMilliseconds, -1, nameof(period));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)period.TotalMilliseconds, longest, nameof(period));
    }

    private void Fire()
    {
        lock (_gate)
        {
            _firing = true;
        }

        _activation.TryEnqueue(new Tick(this));
    }

    private void OnTickEnded()
    {
        lock (_gate)
        {
            _firing = false;
            if (!_disposed.IsCancellationRequested) _timer.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>One run of the callback.</summary>
    private sealed class Tick : Request
    {
        private readonly GrainTimer _timer;

        public Tick(GrainTimer timer)
        {
            _timer = timer;
            AlwaysInterleave = timer._options.Interleave;
            KeepAlive = timer._options.KeepAlive;
            LocalOnly = true;
        }

        public override bool Abandoned => _timer._disposed.IsCancellationRequested;

        public override async Task InvokeAsync(Activation activation)
        {
            lock (_timer._gate)
            {
                _timer._changed = false;
            }

            try
            {
                await _timer._callback(_timer._disposed.Token);
            }
            catch (Exception exception)
            {
                // A tick has no caller to tell.
                activation.OnTickFailed(exception);
            }
            finally
            {
                _timer.OnTickEnded();
            }
        }

        public override void Fail(Exception exception) => _timer.Dispose();
    }
}
