using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Webhooks;

namespace Grainflow.Grains.Webhooks;

/// <inheritdoc cref="ICredentialWebhooks"/>
internal sealed class CredentialWebhooks(IWebhookStore webhooks, IPresetStore presets, IGrainFactory grains) : ICredentialWebhooks
{
    private const int MostWebhooks = 100;

    /// <inheritdoc/>
    public async Task<int> CountTriggeredAsync(string userId, string credentialId, CancellationToken cancellationToken)
    {
        var registered = await webhooks.OfCredentialAsync(userId, credentialId, MostWebhooks, cancellationToken);
        var attached = await presets.OfWebhooksAsync([.. registered.Select(webhook => webhook.Id)], cancellationToken);
        return attached.Select(preset => preset.WebhookId).Distinct().Count();
    }

    /// <inheritdoc/>
    public Task RemoveAllAsync(string userId, string credentialId, CancellationToken cancellationToken) => grains.GetGrain<IUserPresetsGrain>(userId).RemoveWebhooksOf(credentialId);
}
