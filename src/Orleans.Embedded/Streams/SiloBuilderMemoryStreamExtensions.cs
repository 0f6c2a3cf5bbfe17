using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace Orleans.Hosting;

/// <summary>Streams that live and die with the silo.</summary>
public static class SiloBuilderMemoryStreamExtensions
{
    /// <summary>Adds a named stream provider. Listening needs grain storage of its name or of the name <c>PubSubStore</c> besides.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">The name to ask for.</param>
    /// <param name="configure">Sets the options; null leaves the defaults.</param>
    public static ISiloBuilder AddMemoryStreams(this ISiloBuilder builder, string name, Action<ISiloMemoryStreamConfigurator>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        configure?.Invoke(new Configurator());
        builder.Services.AddKeyedSingleton<IStreamProvider>(name, static (services, key) => ActivatorUtilities.CreateInstance<MemoryStreamProvider>(services, (string)key!));
        return builder;
    }

    private sealed class Configurator : ISiloMemoryStreamConfigurator;
}
