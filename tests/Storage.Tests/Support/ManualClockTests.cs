using Grainflow.TestSupport;

namespace Grainflow.Storage.Tests.Support;

public sealed class ManualClockTests
{
    private readonly ManualClock _clock = new();
    private readonly List<string> _fired = [];
    private readonly DateTimeOffset _start;

    public ManualClockTests() => _start = _clock.GetUtcNow();

    [Fact]
    public void It_moves_only_when_told()
    {
        var stamp = _clock.GetTimestamp();
        Assert.Equal(_start, _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(_start.AddMinutes(2), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(2), _clock.GetElapsedTime(stamp));
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_times_and_see_their_own_time()
    {
        using var late = Timer("late", 3, Timeout.Infinite);
        using var early = Timer("early", 1, 2);
        using var never = Timer("never", Timeout.Infinite, 1);

        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal("early@1 late@3 early@3", string.Join(' ', _fired));
        Assert.Equal(1, _clock.ArmedTimers);
    }

    [Fact]
    public void A_timer_that_was_stopped_or_disposed_does_not_fire()
    {
        using var stopped = Timer("stopped", 1, 1);
        var disposed = Timer("disposed", 1, 1);
        Assert.True(stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        disposed.Dispose();

        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Empty(_fired);
        Assert.False(disposed.Change(TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public async Task A_delay_ends_when_its_time_has_come()
    {
        var delay = Task.Delay(TimeSpan.FromHours(1), _clock, TestContext.Current.CancellationToken);
        await _clock.WaitForTimerAsync(TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await delay;
    }

    [Fact]
    public async Task A_timer_that_is_due_at_once_fires_without_the_clock()
    {
        var fired = new TaskCompletionSource();
        await using var timer = _clock.CreateTimer(_ => fired.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task;
    }

    private ITimer Timer(string name, int dueSeconds, int periodSeconds) =>
        _clock.CreateTimer(_ => _fired.Add($"{name}@{(_clock.GetUtcNow() - _start).TotalSeconds}"), null, Span(dueSeconds), Span(periodSeconds));

    private static TimeSpan Span(int seconds) => seconds == Timeout.Infinite ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
}
