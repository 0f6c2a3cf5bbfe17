using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>
/// A manual clock that moves on by a tick of 100 ns at each reading. Orleans waits for a point in time in a loop, and the last fraction of a
/// millisecond of it without a timer: on a clock that stands still that loop would never end.
/// </summary>
internal sealed class ReadingClock(ManualClock clock) : TimeProvider
{
    private long _readings;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow().AddTicks(Interlocked.Increment(ref _readings));

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
}
