using Grainflow.Grains.Webhooks.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grainflow.Grains.Webhooks;

/// <summary>Registers what webhooks and presets need.</summary>
internal static class WebhookServices
{
    /// <summary>Adds the services. Those of credentials, <c>ISecretSealer</c> and <c>ICredentialLeases</c>, are added elsewhere.</summary>
    /// <param name="services">The silo's services.</param>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<ProviderHttp>();
        services.TryAddSingleton<WebhookProviders>();
        services.TryAddSingleton<WebhookSetup>();
        services.TryAddSingleton<ICredentialWebhooks, CredentialWebhooks>();
        services.TryAddSingleton<DeliveryProcessor>();
        services.TryAddSingleton<DeliveryDispatcher>();
        return services;
    }
}
