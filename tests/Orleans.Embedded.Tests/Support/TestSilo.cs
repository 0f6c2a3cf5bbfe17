using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Orleans.Embedded.Tests.Support;

/// <summary>A cluster of one silo whose every clock is the test's.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private TestSilo(InProcessTestCluster cluster, ManualClock clock, Probe probe)
    {
        Cluster = cluster;
        Clock = clock;
        Probe = probe;
    }

    public InProcessTestCluster Cluster { get; }

    public ManualClock Clock { get; }

    public Probe Probe { get; }

    public static async Task<TestSilo> StartAsync(Action<ISiloBuilder>? configure = null)
    {
        var silo = Create(configure);
        await silo.Cluster.DeployAsync();
        return silo;
    }

    public static TestSilo Create(Action<ISiloBuilder>? configure = null, Action<IClientBuilder>? configureClient = null)
    {
        var clock = new ManualClock();
        var probe = new Probe();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureHost(host => host.Services.AddSingleton<TimeProvider>(clock));
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(probe);
            configure?.Invoke(silo);
        });
        builder.ConfigureClient(client => configureClient?.Invoke(client));
        return new TestSilo(builder.Build(), clock, probe);
    }

    public T Grain<T>(string key = "one")
        where T : IGrainWithStringKey => Cluster.Client.GetGrain<T>(key);

    public IGrainStorage Storage(string name) => Cluster.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>(name);

    /// <summary>Ends the silo as a crash would: a test leaves grains behind that wait for ever.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Cluster.Silos) await Cluster.KillSiloAsync(silo);
        await Cluster.DisposeAsync();
    }
}
