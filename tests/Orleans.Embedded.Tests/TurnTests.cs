using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;

namespace Orleans.Embedded.Tests;

public sealed class TurnTests
{
    [Fact]
    public async Task A_request_starts_when_the_one_before_it_has_ended()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITurnGrain>();
        var first = grain.Run("first");
        var second = grain.Run("second");
        await silo.Probe.Opened("first started");
        silo.Probe.Open("second");
        await silo.Grain<ITurnGrain>("other").CountTo(100);

        Assert.False(silo.Probe.Has("second started"));
        silo.Probe.Open("first");
        await Task.WhenAll(first, second);

        Assert.Equal(["first started", "first ended", "second started", "second ended"], silo.Probe.Events);
    }

    [Fact]
    public async Task Requests_start_in_the_order_in_which_they_were_sent()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ICallGrain>();
        string[] names = [.. Enumerable.Range(0, 200).Select(static number => $"request {number}")];

        await Task.WhenAll(names.Select(grain.Note));

        Assert.Equal(names, silo.Probe.Events);
    }

    [Fact]
    public async Task Different_grains_run_side_by_side()
    {
        await using var silo = await TestSilo.StartAsync();
        var first = silo.Grain<ITurnGrain>("a").Run("first");
        await silo.Probe.Opened("first started");

        var second = silo.Grain<ITurnGrain>("b").Run("second");
        await silo.Probe.Opened("second started");

        silo.Probe.Open("first");
        silo.Probe.Open("second");
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task A_method_that_always_interleaves_starts_while_another_request_waits()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITurnGrain>();
        var first = grain.Run("first");
        await silo.Probe.Opened("first started");
        silo.Probe.Open("passing");

        await grain.RunInterleaved("passing");

        Assert.False(first.IsCompleted);
        silo.Probe.Open("first");
        await first;
    }

    [Fact]
    public async Task A_request_may_start_while_only_interleaving_ones_wait()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITurnGrain>();
        var interleaved = grain.RunInterleaved("interleaved");
        await silo.Probe.Opened("interleaved started");
        silo.Probe.Open("plain");

        await grain.Run("plain");

        Assert.False(interleaved.IsCompleted);
        silo.Probe.Open("interleaved");
        await interleaved;
    }

    [Fact]
    public async Task Read_only_methods_interleave_with_each_other()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITurnGrain>();
        var first = grain.Read("first");
        await silo.Probe.Opened("first started");
        silo.Probe.Open("second");

        await grain.Read("second");

        Assert.False(first.IsCompleted);
        silo.Probe.Open("first");
        await first;
    }

    [Fact]
    public async Task A_read_only_method_does_not_interleave_with_a_writing_one()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITurnGrain>();
        var write = grain.Run("write");
        var read = grain.Read("read");
        await silo.Probe.Opened("write started");
        silo.Probe.Open("read");
        await silo.Grain<ITurnGrain>("other").CountTo(100);

        Assert.False(silo.Probe.Has("read started"));
        silo.Probe.Open("write");
        await Task.WhenAll(write, read);
    }

    [Fact]
    public async Task Requests_of_a_reentrant_grain_interleave_at_awaits()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IReentrantGrain>();
        var first = grain.Run("first");
        await silo.Probe.Opened("first started");
        silo.Probe.Open("second");

        await grain.Run("second");

        Assert.False(first.IsCompleted);
        silo.Probe.Open("first");
        await first;
    }

    [Fact]
    public async Task Even_a_reentrant_grain_runs_one_turn_at_a_time()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IReentrantGrain>();

        var counts = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => grain.Increment(500)));

        Assert.Equal(16 * 500, counts.Max());
    }

    [Fact]
    public async Task State_survives_awaits_of_a_grain_that_is_not_reentrant()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITurnGrain>();

        var counts = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => grain.CountTo(50)));

        Assert.Equal(Enumerable.Range(1, 16).Select(static number => number * 50), counts);
    }

    [Fact]
    public async Task A_call_chain_that_comes_back_deadlocks_until_the_timeout()
    {
        await using var silo = await TestSilo.StartAsync();
        var call = silo.Grain<IPingGrain>("a").CallAndBeCalled("b");
        await silo.Probe.Opened("called back");

        silo.Clock.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }
}
