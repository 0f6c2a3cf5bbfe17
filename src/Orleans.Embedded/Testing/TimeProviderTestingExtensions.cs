using Microsoft.Extensions.DependencyInjection;

namespace Orleans.TestingHost;

/// <summary>Clocks of a silo under test.</summary>
public static class TimeProviderTestingExtensions
{
    /// <summary>Runs the silo's own loops (idle collection, response timeouts) on one clock while grains and their timers keep the unkeyed one.</summary>
    /// <param name="services">The services of the silo.</param>
    /// <param name="timeProvider">The clock of the loops, usually <see cref="TimeProvider.System"/>.</param>
    public static IServiceCollection UseTimeProviderForBackgroundAreas(this IServiceCollection services, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(timeProvider);
        services.AddKeyedSingleton(KeyedService.AnyKey, (_, _) => timeProvider);
        services.AddKeyedSingleton(Clocks.Grains, static (provider, _) => provider.GetRequiredService<TimeProvider>());
        return services;
    }
}
