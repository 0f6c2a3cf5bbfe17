using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public sealed class CollectionTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_activation_is_collected_after_fifteen_minutes_without_a_request()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.Touch();
        silo.Clock.Advance(14 * s_minute);
        Assert.Equal(2, await grain.Touch());
        silo.Clock.Advance(14 * s_minute);
        Assert.Equal(3, await grain.Touch());

        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        silo.Clock.Advance(16 * s_minute);

        await ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(silo.Probe.Has("deactivated: ActivationIdle"));
        Assert.Equal(1, await grain.Touch());
    }

    [Fact]
    public async Task A_request_that_runs_keeps_the_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        _ = grain.Hold("held");
        await silo.Probe.Opened("held started");

        silo.Clock.Advance(60 * s_minute);
        silo.Probe.Open("held");
        await silo.Probe.Opened("held ended");

        Assert.Equal(1, await grain.Touch());
        Assert.Equal(1, silo.Probe.Count("activated"));
    }

    [Fact]
    public async Task A_task_that_no_request_waits_for_does_not_keep_the_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.StartDetachedWork("detached");

        await CollectedAsync(silo, grain, 16 * s_minute);

        Assert.False(silo.Probe.Has("detached ended"));
    }

    [Fact]
    public async Task A_class_that_is_kept_alive_is_never_collected()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IKeptGrain>();
        await grain.Touch();

        silo.Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal(2, await grain.Touch());
    }

    [Fact]
    public async Task A_class_may_have_an_age_limit_of_its_own()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IBriefGrain>();
        await grain.Touch();

        await CollectedAsync(silo, grain, 4 * s_minute);
    }

    [Fact]
    public async Task The_age_limit_of_a_class_can_be_configured()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IConfiguredGrain>();
        await grain.Touch();

        await CollectedAsync(silo, grain, 6 * s_minute);
    }

    [Fact]
    public async Task A_delayed_deactivation_keeps_the_activation_until_it_is_taken_back()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.Delay(TimeSpan.FromHours(2));
        silo.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await grain.Touch());
        await grain.Delay(TimeSpan.Zero);

        await CollectedAsync(silo, grain, 16 * s_minute);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_timer_keeps_the_activation_only_when_it_says_so(bool keepAlive)
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.StartTimer("tick", keepAlive);
        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        for (var minute = 1; minute <= 14; minute++)
        {
            silo.Clock.Advance(s_minute);
            await silo.Probe.Opened($"tick#{minute}");
            await silo.Clock.Armed(s_minute);
        }

        silo.Clock.Advance(2 * s_minute);

        if (keepAlive)
        {
            Assert.Equal(1, await grain.Touch());
            Assert.False(ended.IsCompleted);
        }
        else
        {
            await ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task An_age_that_the_collector_could_not_see_is_refused()
    {
        await using var silo = TestSilo.Create(static builder => builder.Configure<GrainCollectionOptions>(static options => options.CollectionAge = s_minute));

        await Assert.ThrowsAsync<OrleansConfigurationException>(silo.Cluster.DeployAsync);
    }

    private static async Task CollectedAsync(TestSilo silo, ILifeGrain grain, TimeSpan after)
    {
        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        Assert.False(ended.IsCompleted);
        silo.Clock.Advance(after);
        await ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static Task<TestSilo> StartAsync() => TestSilo.StartAsync(silo =>
    {
        silo.Services.AddSingleton<Population>();
        silo.Configure<GrainCollectionOptions>(options => options.ClassSpecificCollectionAge[typeof(ConfiguredGrain).FullName!] = 5 * s_minute);
    });
}
