using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Orleans.Embedded.Tests;

public sealed class SiloTests
{
    [Fact]
    public async Task A_graceful_stop_ends_every_activation_after_its_request()
    {
        await using var silo = await StartAsync();
        await silo.Grain<ILifeGrain>("idle").Touch();
        var held = silo.Grain<ILifeGrain>("busy").Hold("held");
        await silo.Probe.Opened("held started");
        var handle = silo.Cluster.Silos[0];

        var stopped = handle.StopSiloAsync(stopGracefully: true);
        await silo.Probe.Opened("deactivated: ShuttingDown#1");
        Assert.False(stopped.IsCompleted);
        silo.Probe.Open("held");
        await stopped;

        await held;
        Assert.Equal(2, silo.Probe.Count("deactivated: ShuttingDown"));
        Assert.False(handle.IsActive);
    }

    [Fact]
    public async Task A_stop_does_not_wait_longer_than_the_host_allows()
    {
        await using var silo = await StartAsync();
        var held = silo.Grain<ILifeGrain>().Hold("held");
        await silo.Probe.Opened("held started");

        await silo.Cluster.Silos[0].StopSiloAsync(new CancellationToken(canceled: true));

        await Assert.ThrowsAsync<SiloUnavailableException>(() => held);
    }

    [Fact]
    public async Task A_killed_silo_tells_no_grain_and_fails_the_calls_that_wait()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        var running = grain.Hold("held");
        var waiting = grain.Touch();
        await silo.Probe.Opened("held started");

        await silo.Cluster.KillSiloAsync(silo.Cluster.Silos[0]);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => running);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => waiting);
        Assert.False(silo.Probe.Has("deactivated: ShuttingDown"));
        Assert.Empty(silo.Cluster.Silos);
        await Assert.ThrowsAsync<SiloUnavailableException>(grain.Touch);
    }

    [Fact]
    public async Task References_reach_the_silo_that_takes_the_place_of_another()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ILifeGrain>();
        await grain.Touch();
        await silo.Cluster.KillSiloAsync(silo.Cluster.Silos[0]);

        await silo.Cluster.StartAdditionalSiloAsync();
        Assert.Equal(1, await grain.Touch());
        await silo.Cluster.RestartSiloAsync(silo.Cluster.Silos[0]);

        Assert.Equal(1, await grain.Touch());
        Assert.Single(silo.Cluster.Silos);
    }

    [Fact]
    public async Task There_is_one_silo()
    {
        await using var silo = await StartAsync();

        await Assert.ThrowsAsync<NotSupportedException>(silo.Cluster.StartAdditionalSiloAsync);
        await Assert.ThrowsAsync<InvalidOperationException>(silo.Cluster.DeployAsync);
        Assert.Same(silo.Cluster.Silos[0].ServiceProvider, silo.Cluster.GetSiloServiceProvider(silo.Cluster.Silos[0].SiloAddress));
    }

    [Fact]
    public async Task A_silo_that_has_not_started_takes_no_calls()
    {
        var host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        host.UseOrleans(Configure);
        using var app = host.Build();

        await Assert.ThrowsAsync<SiloUnavailableException>(app.Services.GetRequiredService<IGrainFactory>().GetGrain<ICallGrain>("early").Identity);
    }

    [Theory]
    [InlineData("application builder")]
    [InlineData("application builder interface")]
    [InlineData("host builder")]
    [InlineData("host builder with context")]
    public async Task Every_kind_of_host_can_be_a_silo(string kind)
    {
        using var host = Build(kind);
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("hello", await host.Services.GetRequiredService<IGrainFactory>().GetGrain<ICallGrain>("one").Echo("hello"));
        Assert.Equal("hello", await host.Services.GetRequiredService<IClusterClient>().GetGrain<ICallGrain>("one").Echo("hello"));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Configuring_a_silo_twice_configures_one_silo()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(Configure).UseOrleans(static silo => silo.UseLocalhostClustering(serviceId: "service"));
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Single(host.Services.GetServices<IHostedService>());
        Assert.Equal("service", host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ClusterOptions>>().Value.ServiceId);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Grains_may_follow_another_clock_than_the_silo()
    {
        var clock = new ManualClock();
        var probe = new Probe();
        var builder = new InProcessTestClusterBuilder();
        builder.ConfigureHost(host =>
        {
            host.Services.AddSingleton<TimeProvider>(clock);
            host.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        });
        builder.ConfigureSilo((_, silo) => silo.Services.AddSingleton(probe).AddSingleton<Population>());
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        var held = cluster.Client.GetGrain<ITimedGrain>("one").Hold("held");
        await cluster.Client.GetGrain<ITimedGrain>("two").Start("tick", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), interleave: false);

        clock.Advance(TimeSpan.FromMinutes(1));

        await probe.Opened("tick");
        Assert.False(held.IsCompleted);
        probe.Open("held");
        await held;
    }

    private static IHost Build(string kind)
    {
        var application = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        switch (kind)
        {
            case "application builder":
                application.UseOrleans(Configure);
                return application.Build();
            case "application builder interface":
                ((IHostApplicationBuilder)application).UseOrleans(Configure);
                return application.Build();
            case "host builder":
                return new HostBuilder().UseOrleans(Configure).Build();
            default:
                return new HostBuilder().UseOrleans(static (_, silo) => Configure(silo)).Build();
        }
    }

    private static void Configure(ISiloBuilder silo) => silo.Services.AddSingleton<Probe>().AddSingleton<Population>();

    private static Task<TestSilo> StartAsync() => TestSilo.StartAsync(static silo => silo.Services.AddSingleton<Population>());
}
