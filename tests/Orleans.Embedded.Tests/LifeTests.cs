using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;
using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public sealed class LifeTests
{
    private readonly Population _population = new();

    [Fact]
    public async Task The_first_call_activates_the_grain_once()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();

        var touches = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(grain.Touch)));

        Assert.Equal(Enumerable.Range(1, 50), touches.Order());
        Assert.Equal(1, silo.Probe.Count("activated"));
    }

    [Fact]
    public async Task A_failed_activation_fails_the_calls_that_wait_and_the_next_call_activates_anew()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>("stillborn");

        var exception = await Assert.ThrowsAsync<InvalidTimeZoneException>(grain.Touch);

        Assert.Equal("stillborn", exception.Message);
        Assert.Equal(1, await grain.Touch());
        Assert.False(silo.Probe.Has("deactivated: ActivationFailed"));
    }

    [Fact]
    public async Task An_activation_that_takes_too_long_fails()
    {
        await using var silo = await StartAsync();
        var call = silo.Grain<ILifeGrain>("slow to come").Touch();
        while (!call.IsCompleted)
        {
            await silo.Grain<ILifeGrain>("other").Touch();
            silo.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => call);
        Assert.False(silo.Probe.Has("deactivated: ActivationFailed"));
    }

    [Fact]
    public async Task A_grain_that_ends_itself_while_it_comes_up_does_not_spin_for_ever()
    {
        await using var silo = await StartAsync();

        await Assert.ThrowsAsync<OrleansMessageRejectionException>(silo.Grain<ILifeGrain>("ends at once").Touch);

        Assert.Equal(3, silo.Probe.Count("activated"));
    }

    [Fact]
    public async Task Deactivation_on_idle_lets_the_running_request_end_and_gives_waiting_ones_to_a_new_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        Assert.Equal(1, await grain.Touch());
        var holding = grain.EndSoonAndHold("held");
        await silo.Probe.Opened("held started");
        var waiting = grain.Touch();
        silo.Probe.Open("held");

        await holding;
        Assert.Equal(1, await waiting);

        Assert.Equal(["activated", "held started", "held ended", "deactivated: ApplicationRequested", "activated"], silo.Probe.Events);
    }

    [Fact]
    public async Task While_it_ends_an_activation_takes_nothing_not_even_what_always_interleaves()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.Touch();
        var holding = grain.EndSoonAndHold("held");
        await silo.Probe.Opened("held started");
        var interleaved = grain.TouchInterleaved();
        await silo.Grain<ILifeGrain>("other").Touch();

        Assert.False(interleaved.IsCompleted);
        silo.Probe.Open("held");
        await holding;
        Assert.Equal(1, await interleaved);
    }

    [Fact]
    public async Task There_are_never_two_activations_of_one_grain()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();

        async Task Use(int number)
        {
            try
            {
                await (number % 5 == 0 ? grain.EndSoon() : grain.Touch());
            }
            catch (OrleansMessageRejectionException)
            {
                // A request that meets the end of three activations in a row is refused, as in Orleans.
                silo.Probe.Happened("refused");
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Task.Run(() => Use(number))));

        Assert.Equal(1, _population.Most);
        Assert.True(silo.Probe.Count("activated") > 1);
    }

    [Fact]
    public async Task A_failure_while_it_ends_does_not_keep_an_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>("fails to go");
        await grain.EndSoon();

        await silo.Cluster.WaitForDeactivationAsync(grain);

        Assert.Equal(1, await grain.Touch());
    }

    [Fact]
    public async Task An_activation_that_does_not_come_to_its_end_is_cut_off()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>("slow to go");
        await grain.EndSoon();
        await silo.Probe.Opened("going");

        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        silo.Clock.Advance(TimeSpan.FromSeconds(30));

        await ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_cluster_can_end_an_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.Touch();
        Assert.True(silo.Cluster.TryGetGrainContext(grain.GetGrainId(), out var context));

        await silo.Cluster.DeactivateAsync(grain);

        Assert.True(context.Deactivated.IsCompletedSuccessfully);
        Assert.False(silo.Cluster.TryGetGrainContext(grain.GetGrainId(), out _));
        Assert.Equal(1, await grain.Touch());
    }

    [Fact]
    public async Task An_activation_cannot_be_used_from_outside_of_its_turns()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.Touch();
        Assert.True(silo.Cluster.TryGetGrainContext(grain.GetGrainId(), out var context));
        var instance = Assert.IsType<LifeGrain>(context.GrainInstance);

        Assert.Throws<InvalidOperationException>(() => { _ = instance.StartTimer("stray", keepAlive: false); });
        await Assert.ThrowsAsync<InvalidOperationException>(instance.EndSoon);
    }

    [Fact]
    public void A_grain_cannot_be_made_by_hand() =>
        Assert.Throws<InvalidOperationException>(() => new LifeGrain(new Probe(), new Population()));

    private Task<TestSilo> StartAsync() => TestSilo.StartAsync(silo => silo.Services.AddSingleton(_population));
}
