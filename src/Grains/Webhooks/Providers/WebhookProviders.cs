using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks.Providers;

/// <summary>The providers of webhooks, by name. One that is like others is a row here; one that differs has a class.</summary>
internal sealed class WebhookProviders(ProviderHttp http, IOptions<WebhookOptions> options)
{
    private readonly FrozenDictionary<string, WebhookProvider> _byName = new[]
    {
        new GitHubWebhooks(http, options),
        new Slant3DWebhooks(http, options),
        new WebhookProvider("compass", "transcription"),
        new WebhookProvider("generic_webhook", "plain"),
    }.ToFrozenDictionary(provider => provider.Name, StringComparer.Ordinal);

    /// <summary>A provider, or null.</summary>
    /// <param name="name">Its name.</param>
    public WebhookProvider? Find(string name) => _byName.GetValueOrDefault(name);
}
