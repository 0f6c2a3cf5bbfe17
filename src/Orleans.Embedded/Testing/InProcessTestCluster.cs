using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Orleans.TestingHost;

/// <summary>A cluster inside of a test process: one silo and one client, each with a host of its own.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> _silos = [];
    private IHost? _clientHost;

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    /// <summary>What the cluster is made of.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (_silos)
            {
                return _silos.ToList().AsReadOnly();
            }
        }
    }

    /// <summary>The client.</summary>
    /// <exception cref="InvalidOperationException">The cluster is not deployed, or stopped.</exception>
    public IClusterClient Client => _clientHost?.Services.GetRequiredService<IClusterClient>()
        ?? throw new InvalidOperationException("The test cluster client is unavailable because the cluster has not been deployed or has been stopped.");

    internal Silo? RunningSilo => Silos.Select(static handle => handle.Silo).FirstOrDefault(static silo => silo.IsRunning);

    /// <summary>Starts the silo and the client.</summary>
    /// <exception cref="InvalidOperationException">The cluster is deployed already.</exception>
    public async Task DeployAsync()
    {
        if (Silos.Count > 0) throw new InvalidOperationException("Cluster host already deployed.");
        await StartSiloAsync(instanceNumber: 0);
        if (Options.InitializeClientOnDeploy) await StartClientAsync();
    }

    /// <summary>The services of a silo.</summary>
    /// <param name="silo">Which; null means any.</param>
    /// <exception cref="ArgumentException">No silo has this address.</exception>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null)
    {
        var handle = Silos.FirstOrDefault(candidate => silo is null || candidate.SiloAddress.Equals(silo))
            ?? throw new ArgumentException($"The provided silo address '{silo}' is unknown.", nameof(silo));
        return handle.ServiceProvider;
    }

    /// <summary>The activation of a grain, if there is one.</summary>
    /// <param name="grainId">The grain.</param>
    /// <param name="grainContext">The activation.</param>
    public bool TryGetGrainContext(GrainId grainId, [NotNullWhen(true)] out IGrainContext? grainContext)
    {
        grainContext = RunningSilo is { } silo && silo.TryGetActivation(grainId, out var activation) ? activation : null;
        return grainContext is not null;
    }

    /// <summary>Waits until the activation that the grain has now, if any, has ended.</summary>
    /// <param name="grainId">The grain.</param>
    public Task WaitForDeactivationAsync(GrainId grainId) =>
        TryGetGrainContext(grainId, out var context) ? context.Deactivated : Task.CompletedTask;

    /// <summary>Waits until the activation that the grain has now, if any, has ended.</summary>
    /// <param name="grain">The grain.</param>
    public Task WaitForDeactivationAsync(IAddressable grain) => WaitForDeactivationAsync(grain.GetGrainId());

    /// <summary>Ends the activation that the grain has now, if any.</summary>
    /// <param name="grainId">The grain.</param>
    public async Task DeactivateAsync(GrainId grainId)
    {
        if (!TryGetGrainContext(grainId, out var context)) return;
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateAsync)} was called."));
        await context.Deactivated;
    }

    /// <summary>Ends the activation that the grain has now, if any.</summary>
    /// <param name="grain">The grain.</param>
    public Task DeactivateAsync(IAddressable grain) => DeactivateAsync(grain.GetGrainId());

    /// <summary>Stops a silo gracefully.</summary>
    /// <param name="instance">The silo.</param>
    public Task StopSiloAsync(InProcessSiloHandle instance) => EndAsync(instance, gracefully: true);

    /// <summary>Ends a silo as a crash would: no grain hears of it, and calls that wait fail.</summary>
    /// <param name="instance">The silo.</param>
    public Task KillSiloAsync(InProcessSiloHandle instance) => EndAsync(instance, gracefully: false);

    /// <summary>Stops a silo gracefully and starts another in its place.</summary>
    /// <param name="instance">The silo.</param>
    public async Task<InProcessSiloHandle?> RestartSiloAsync(InProcessSiloHandle instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        await StopSiloAsync(instance);
        return await StartSiloAsync(instance.InstanceNumber);
    }

    /// <summary>Starts a silo, after the one before it was stopped or killed.</summary>
    /// <exception cref="NotSupportedException">A silo runs: an embedded cluster has one.</exception>
    public Task<InProcessSiloHandle> StartAdditionalSiloAsync() => Silos.Count == 0
        ? StartSiloAsync(instanceNumber: 0)
        : throw new NotSupportedException("The embedded Orleans runtime has one silo. Run this test with OrleansRuntime=Microsoft.");

    /// <summary>Stops client and silos gracefully.</summary>
    public async Task StopAllSilosAsync()
    {
        await StopClientAsync();
        foreach (var silo in Silos) await StopSiloAsync(silo);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAllSilosAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        _clientHost?.Dispose();
        _clientHost = null;
        foreach (var silo in Silos) silo.Dispose();
    }

    private static HostApplicationBuilder NewHost(string name) => Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
    {
        ApplicationName = name,
        EnvironmentName = Environments.Development,
        DisableDefaults = true,
    });

    private async Task<InProcessSiloHandle> StartSiloAsync(short instanceNumber)
    {
        var options = new InProcessTestSiloSpecificOptions { SiloName = $"Silo_{instanceNumber}" };
        var builder = NewHost(options.SiloName);
        foreach (var configure in Options.SiloHostConfigurationDelegates) configure(options, builder);
        builder.UseOrleans(silo => silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = Options.ClusterId;
            cluster.ServiceId = Options.ServiceId;
        }));

        var handle = new InProcessSiloHandle { Name = options.SiloName, InstanceNumber = instanceNumber, SiloHost = builder.Build() };
        try
        {
            handle.SiloAddress = handle.Silo.Address;
            await handle.SiloHost.StartAsync();
        }
        catch
        {
            handle.SiloHost.Dispose();
            throw;
        }

        lock (_silos)
        {
            _silos.Add(handle);
        }

        return handle;
    }

    private async Task StartClientAsync()
    {
        var builder = NewHost("Client");
        foreach (var configure in Options.ClientHostConfigurationDelegates) configure(builder);
        var catalog = Silos[0].Silo.Catalog;
        builder.Services.AddOptions<ClientMessagingOptions>();
        builder.Services.AddSingleton(this);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(static services => ActivatorUtilities.CreateInstance<TestClientSender>(services, Clocks.For(services, Clocks.Messaging)));
        builder.Services.AddSingleton<IGrainFactory>(services => new GrainFactory(services.GetRequiredService<TestClientSender>(), catalog));
        builder.Services.AddSingleton<IClusterClient>(static services => new ClusterClient((GrainFactory)services.GetRequiredService<IGrainFactory>(), services));
        _clientHost = builder.Build();
        await _clientHost.StartAsync();
    }

    private async Task StopClientAsync()
    {
        if (Interlocked.Exchange(ref _clientHost, null) is not { } host) return;
        await host.StopAsync();
        host.Dispose();
    }

    private async Task EndAsync(InProcessSiloHandle instance, bool gracefully)
    {
        ArgumentNullException.ThrowIfNull(instance);
        try
        {
            await instance.StopSiloAsync(gracefully);
        }
        finally
        {
            lock (_silos)
            {
                _silos.Remove(instance);
            }

            await instance.DisposeAsync();
        }
    }
}
