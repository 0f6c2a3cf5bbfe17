using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.Hosting;

/// <summary>The silo of a service collection; asking twice gives the same one.</summary>
internal sealed class SiloBuilder : ISiloBuilder
{
    private SiloBuilder(IServiceCollection services, IConfiguration configuration)
    {
        Services = services;
        Configuration = configuration;
    }

    public IServiceCollection Services { get; }

    public IConfiguration Configuration { get; }

    public static SiloBuilder Of(IServiceCollection services, IConfiguration configuration)
    {
        if (services.FirstOrDefault(static service => service.ServiceType == typeof(SiloBuilder))?.ImplementationInstance is SiloBuilder existing) return existing;
        var builder = new SiloBuilder(services, configuration);
        services.AddSingleton(builder);
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GrainCatalog>();
        services.TryAddSingleton<Silo>();
        services.TryAddSingleton<IGrainFactory>(static provider => provider.GetRequiredService<Silo>().GrainFactory);
        services.TryAddSingleton<IClusterClient>(static provider => new ClusterClient(provider.GetRequiredService<Silo>().GrainFactory, provider));
        services.AddHostedService<SiloHostedService>();
        return builder;
    }
}
