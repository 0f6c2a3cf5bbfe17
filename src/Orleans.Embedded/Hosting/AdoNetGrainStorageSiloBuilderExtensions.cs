using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Grain storage in a relational database.</summary>
public static class AdoNetGrainStorageSiloBuilderExtensions
{
    /// <summary>Adds a named storage provider. The silo does not start when its options or its tables are wrong.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">The name that <see cref="PersistentStateAttribute.StorageName"/> refers to.</param>
    /// <param name="configureOptions">Sets the options.</param>
    public static ISiloBuilder AddAdoNetGrainStorage(this ISiloBuilder builder, string name, Action<AdoNetGrainStorageOptions> configureOptions)
    {
        builder.Services.Configure(name, configureOptions);
        builder.Services.AddKeyedSingleton(name, static (services, key) => AdoNetGrainStorage.Create(services, (string)key!));
        builder.Services.AddKeyedSingleton<IGrainStorage>(name, static (services, key) => services.GetRequiredKeyedService<AdoNetGrainStorage>(key));
        builder.Services.AddSingleton<ISiloParticipant>(services => services.GetRequiredKeyedService<AdoNetGrainStorage>(name));
        return builder;
    }
}
