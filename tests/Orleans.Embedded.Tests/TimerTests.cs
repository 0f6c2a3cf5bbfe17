using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;

namespace Orleans.Embedded.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_timer_ticks_after_its_due_time_and_then_at_its_period()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Grain<ITimedGrain>().Start("tick", 2 * s_second, 3 * s_second, interleave: false);

        silo.Clock.Advance(s_second);
        Assert.Equal(0, silo.Probe.Count("tick"));
        silo.Clock.Advance(s_second);
        await silo.Probe.Opened("tick#1");
        await silo.Clock.Armed(3 * s_second);
        silo.Clock.Advance(3 * s_second);
        await silo.Probe.Opened("tick#2");

        Assert.False(silo.Probe.Has("tick outside"));
    }

    [Fact]
    public async Task The_period_counts_from_the_end_of_the_callback()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Grain<ITimedGrain>().StartBlocking("slow", 2 * s_second);
        silo.Clock.Advance(2 * s_second);
        await silo.Probe.Opened("slow started");

        silo.Clock.Advance(60 * s_second);
        silo.Probe.Open("slow");
        await silo.Clock.Armed(2 * s_second);

        Assert.Equal(1, silo.Probe.Count("slow started"));
        silo.Clock.Advance(2 * s_second);
        await silo.Probe.Opened("slow started#2");
    }

    [Fact]
    public async Task A_tick_waits_for_the_request_that_runs()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.Start("tick", s_second, s_second, interleave: false);
        var held = grain.Hold("held");
        await silo.Probe.Opened("held started");
        silo.Clock.Advance(s_second);
        await silo.Grain<ICallGrain>("other").Echo("order");

        Assert.False(silo.Probe.Has("tick"));
        silo.Probe.Open("held");
        await held;
        await silo.Probe.Opened("tick");
    }

    [Fact]
    public async Task A_request_waits_for_the_tick_that_runs()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.StartBlocking("slow", s_second);
        silo.Clock.Advance(s_second);
        await silo.Probe.Opened("slow started");
        var request = grain.Hold("request");
        await silo.Grain<ICallGrain>("other").Echo("order");

        Assert.False(silo.Probe.Has("request started"));
        silo.Probe.Open("slow");
        silo.Probe.Open("request");
        await request;
    }

    [Fact]
    public async Task An_interleaving_timer_ticks_while_a_request_waits()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.Start("tick", s_second, s_second, interleave: true);
        var held = grain.Hold("held");
        await silo.Probe.Opened("held started");

        silo.Clock.Advance(s_second);
        await silo.Probe.Opened("tick");

        Assert.False(held.IsCompleted);
        silo.Probe.Open("held");
        await held;
    }

    [Fact]
    public async Task A_callback_that_fails_does_not_stop_the_timer()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Grain<ITimedGrain>().StartFailing("tick", s_second);

        silo.Clock.Advance(s_second);
        await silo.Probe.Opened("tick#1");
        await silo.Clock.Armed(s_second);
        silo.Clock.Advance(s_second);

        await silo.Probe.Opened("tick#2");
    }

    [Fact]
    public async Task A_callback_receives_its_state_and_an_endless_period_means_one_tick()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.StartWithState("once", s_second);

        silo.Clock.Advance(s_second);
        await silo.Probe.Opened("once");
        silo.Clock.Advance(60 * s_second);
        silo.Probe.Open("last");
        await grain.Hold("last");

        Assert.Equal(1, silo.Probe.Count("once"));
    }

    [Fact]
    public async Task A_timer_can_be_changed()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.Start("tick", s_second, s_second, interleave: false);

        await grain.Change(10 * s_second, s_second);
        silo.Clock.Advance(9 * s_second);
        Assert.False(silo.Probe.Has("tick"));
        silo.Clock.Advance(s_second);

        await silo.Probe.Opened("tick");
    }

    [Fact]
    public async Task A_change_inside_of_the_callback_takes_effect_when_it_ends()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Grain<ITimedGrain>().StartChangingItself("tick", s_second, 5 * s_second);

        silo.Clock.Advance(s_second);
        await silo.Probe.Opened("tick#1");
        await silo.Clock.Armed(5 * s_second);
        silo.Clock.Advance(5 * s_second);

        await silo.Probe.Opened("tick#2");
    }

    [Fact]
    public async Task A_disposed_timer_ticks_no_more()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.Start("tick", s_second, s_second, interleave: false);

        await grain.Stop();
        silo.Clock.Advance(60 * s_second);
        silo.Probe.Open("last");
        await grain.Hold("last");

        Assert.False(silo.Probe.Has("tick"));
    }

    [Fact]
    public async Task The_end_of_the_activation_ends_its_timers_and_cancels_their_callbacks()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.Start("tick", 2 * s_second, s_second, interleave: false);
        var ended = silo.Cluster.WaitForDeactivationAsync(grain);

        await grain.End();
        await ended;
        silo.Clock.Advance(60 * s_second);
        silo.Probe.Open("last");
        await grain.Hold("last");

        Assert.False(silo.Probe.Has("tick"));
    }

    [Fact]
    public async Task A_tick_that_runs_is_a_request_that_the_end_of_the_activation_waits_for()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITimedGrain>();
        await grain.StartCancellable("tick", s_second);
        silo.Clock.Advance(s_second);
        await silo.Probe.Opened("tick started");
        var ended = silo.Cluster.WaitForDeactivationAsync(grain);

        await grain.End();
        await silo.Grain<ICallGrain>("other").Echo("order");
        Assert.False(ended.IsCompleted);

        await silo.Cluster.KillSiloAsync(silo.Cluster.Silos[0]);
        await silo.Probe.Opened("tick cancelled");
    }

    [Theory]
    [InlineData(-2, 1)]
    [InlineData(1, -2)]
    public async Task Times_that_no_timer_can_have_are_refused(int dueMilliseconds, int periodMilliseconds)
    {
        await using var silo = await TestSilo.StartAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => silo.Grain<ITimedGrain>().Start(
            "never",
            TimeSpan.FromMilliseconds(dueMilliseconds),
            TimeSpan.FromMilliseconds(periodMilliseconds),
            interleave: false));
    }
}
