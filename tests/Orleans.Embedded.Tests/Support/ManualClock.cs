namespace Orleans.Embedded.Tests.Support;

/// <summary>A clock that moves when it is told to, and runs what becomes due on the way, in order.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(DateTimeOffset Due, TaskCompletionSource Armed)> _waiters = [];
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (TryTakeDue(end, out var timer)) timer.Fire();
        lock (_gate)
        {
            _now = end;
        }
    }

    /// <summary>Waits until a timer is set that ticks once, in exactly this time from now.</summary>
    public Task Armed(TimeSpan fromNow)
    {
        lock (_gate)
        {
            var waiter = (Due: _now + fromNow, Armed: new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (_timers.Exists(timer => timer.Due == waiter.Due && timer.Period < TimeSpan.Zero)) waiter.Armed.SetResult();
            else _waiters.Add(waiter);
            return waiter.Armed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private bool TryTakeDue(DateTimeOffset end, out ManualTimer timer)
    {
        lock (_gate)
        {
            timer = _timers.Where(candidate => candidate.Due <= end).MinBy(static candidate => candidate.Due)!;
            if (timer is null) return false;
            if (timer.Due > _now) _now = timer.Due;
            if (timer.Period > TimeSpan.Zero) timer.Due += timer.Period;
            else _timers.Remove(timer);
            return true;
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                Period = period;
                if (dueTime < TimeSpan.Zero) return true;
                Due = clock._now + dueTime;
                clock._timers.Add(this);
                foreach (var waiter in clock._waiters.Where(waiter => waiter.Due == Due && period < TimeSpan.Zero)) waiter.Armed.TrySetResult();
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
