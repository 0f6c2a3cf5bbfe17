using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>A clock on which every wait ends at once: the time moves by the length of the wait, which is kept.</summary>
internal sealed class SleepingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    public ConcurrentQueue<TimeSpan> Slept { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Slept.Enqueue(dueTime);
        Advance(dueTime);
        return timer;
    }
}
