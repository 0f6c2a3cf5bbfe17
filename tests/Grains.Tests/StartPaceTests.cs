using Grainflow.Grains.Execution;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

/// <summary>Decision 24: so many starts in any second.</summary>
public sealed class StartPaceTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void In_no_second_more_begin_than_may()
    {
        var pace = new StartPace(perSecond: 3, _clock);
        var starts = new List<TimeSpan>();
        for (var at = TimeSpan.Zero; at < TimeSpan.FromSeconds(5); at += TimeSpan.FromMilliseconds(130))
        {
            if (pace.MayStart)
            {
                pace.Started();
                starts.Add(at);
            }

            _clock.Advance(TimeSpan.FromMilliseconds(130));
        }

        Assert.InRange(starts.Count, 12, 15);
        Assert.All(starts.Skip(3).Zip(starts), pair => Assert.True(pair.First - pair.Second >= TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void The_wait_is_what_is_left_of_the_second_of_the_oldest_start()
    {
        var pace = new StartPace(perSecond: 2, _clock);
        pace.Started();
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(TimeSpan.Zero, pace.Wait);
        pace.Started();

        Assert.Equal((false, TimeSpan.FromMilliseconds(700)), (pace.MayStart, pace.Wait));
        _clock.Advance(TimeSpan.FromMilliseconds(700));
        Assert.Equal((true, TimeSpan.Zero), (pace.MayStart, pace.Wait));
        pace.Started();
        Assert.Equal(TimeSpan.FromMilliseconds(300), pace.Wait);
    }

    [Fact]
    public void Without_a_limit_nothing_waits()
    {
        var pace = new StartPace(perSecond: 0, _clock);
        for (var i = 0; i < 1000; i++) pace.Started();

        Assert.True(pace.MayStart);
    }
}
