using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Grain storage that lives and dies with the silo.</summary>
public static class MemoryGrainStorageSiloBuilderExtensions
{
    /// <summary>Adds a named storage provider.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">The name that <see cref="PersistentStateAttribute.StorageName"/> refers to.</param>
    /// <param name="configureOptions">Sets the options.</param>
    public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<MemoryGrainStorageOptions> configureOptions) =>
        builder.AddMemoryGrainStorage(name, options => options.Configure(configureOptions));

    /// <summary>Adds a named storage provider.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">The name that <see cref="PersistentStateAttribute.StorageName"/> refers to.</param>
    /// <param name="configureOptions">Sets the options; null leaves the defaults.</param>
    public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null)
    {
        configureOptions?.Invoke(builder.Services.AddOptions<MemoryGrainStorageOptions>(name));
        builder.Services.AddKeyedSingleton<IGrainStorage>(name, static (services, key) => MemoryGrainStorage.Create(services, (string)key!));
        return builder;
    }
}
