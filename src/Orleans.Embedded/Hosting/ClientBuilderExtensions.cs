using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Options of a client.</summary>
public static class ClientBuilderExtensions
{
    /// <summary>Configures options.</summary>
    /// <typeparam name="TOptions">The options.</typeparam>
    /// <param name="builder">The client.</param>
    /// <param name="configureOptions">Changes the options.</param>
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }
}
