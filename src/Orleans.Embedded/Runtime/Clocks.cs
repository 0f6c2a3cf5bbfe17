using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>The keyed clocks of Orleans; an area without a clock of its own uses the one that is not keyed.</summary>
internal static class Clocks
{
    public const string Grains = "Orleans.Grains";
    public const string Messaging = "Orleans.Messaging";
    public const string ActivationManagement = "Orleans.ActivationManagement";

    public static TimeProvider For(IServiceProvider services, string area) =>
        services.GetKeyedService<TimeProvider>(area) ?? services.GetRequiredService<TimeProvider>();
}
