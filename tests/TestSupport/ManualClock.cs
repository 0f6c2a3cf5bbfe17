namespace Grainflow.TestSupport;

/// <summary>
/// A clock that moves only when a test says so. Timers fire inside <see cref="Advance"/>, in the order of their due times, and each sees its own time.
/// <c>FakeTimeProvider</c> serves tests that only set the time. Here a test can also wait until the code under test waits for a timer, and a timer
/// that is due at once fires on another thread: that of the library fires inside of the call that makes it, before a grain timer of Orleans is ready.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _armed = [];
    private TaskCompletionSource _armedSignal = NewSignal();
    private DateTimeOffset _now;
    private long _order;

    /// <summary>A clock that shows a time.</summary>
    /// <param name="now">The time.</param>
    public ManualClock(DateTimeOffset now) => _now = now.ToUniversalTime();

    /// <summary>A clock that shows noon of 2026-01-15 UTC.</summary>
    public ManualClock()
        : this(new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero))
    {
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers wait for their time.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock) return _armed.Count;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on, firing on this thread every timer that becomes due, each at its own time.</summary>
    /// <param name="by">How far, 0 or more.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        DateTimeOffset until;
        lock (_lock) until = _now + by;
        while (TakeDue(until) is { } timer)
            timer.Fire();
        lock (_lock)
        {
            // A callback may have moved the clock further.
            if (_now < until) _now = until;
        }
    }

    /// <summary>Waits until the code under test waits for a timer.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task WaitForTimerAsync(CancellationToken cancellationToken = default) => WaitForTimerAsync(TimeSpan.MaxValue, cancellationToken);

    /// <summary>Waits until the code under test waits for a timer that is due soon.</summary>
    /// <param name="within">How soon; later timers do not count.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task WaitForTimerAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task signal;
            lock (_lock)
            {
                if (_armed.Any(timer => timer.Due - _now <= within)) return;
                signal = _armedSignal.Task;
            }

            await signal.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ManualTimer? TakeDue(DateTimeOffset until)
    {
        lock (_lock)
        {
            var timer = _armed.Where(timer => timer.Due <= until).OrderBy(timer => timer.Due).ThenBy(timer => timer.Order).FirstOrDefault();
            if (timer is null) return null;
            if (timer.Due > _now) _now = timer.Due;
            _armed.Remove(timer);
            if (timer.Period > TimeSpan.Zero) Arm(timer, timer.Due + timer.Period);
            return timer;
        }
    }

    private void Arm(ManualTimer timer, DateTimeOffset due)
    {
        timer.Due = due;
        timer.Order = _order++;
        _armed.Add(timer);
        _armedSignal.TrySetResult();
        _armedSignal = NewSignal();
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public long Order { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool now;
            lock (clock._lock)
            {
                if (_disposed) return false;
                clock._armed.Remove(this);
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                now = dueTime == TimeSpan.Zero;
                if (dueTime != Timeout.InfiniteTimeSpan && (!now || Period > TimeSpan.Zero))
                    clock.Arm(this, clock._now + (now ? Period : dueTime));
            }

            // A real timer never fires inside of the call that sets it.
            if (now) ThreadPool.QueueUserWorkItem(static timer => ((ManualTimer)timer!).Fire(), this);
            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                _disposed = true;
                clock._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
