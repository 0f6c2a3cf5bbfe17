using System.Text.Json;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Json;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Presets;

/// <summary>Makes the answers about presets out of what is stored.</summary>
internal sealed class PresetReader(IWebhookStore webhooks, IOptions<GatewayOptions> options)
{
    /// <summary>What stands in the place of the secret of a webhook, which is never read back (decision 5).</summary>
    private const string Mask = "********";

    /// <summary>A preset with its webhook.</summary>
    public async Task<LibraryAgentPreset> ReadAsync(PresetRow preset, CancellationToken cancellationToken) => (await ReadAsync([preset], cancellationToken))[0];

    /// <summary>Presets with their webhooks, which are read in one query.</summary>
    public async Task<IReadOnlyList<LibraryAgentPreset>> ReadAsync(IReadOnlyList<PresetRow> presets, CancellationToken cancellationToken)
    {
        var found = await webhooks.FindManyAsync([.. presets.Select(preset => preset.WebhookId).OfType<Guid>().Distinct()], cancellationToken);
        var byId = found.ToDictionary(webhook => webhook.Id, Webhook);
        return [.. presets.Select(preset => Preset(preset, preset.WebhookId is { } id ? byId.GetValueOrDefault(id) : null))];
    }

    private static LibraryAgentPreset Preset(PresetRow row, Webhook? webhook) => new()
    {
        GraphId = row.GraphId.ToString(),
        GraphVersion = row.GraphVersion,
        Inputs = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(row.Inputs.Span, GatewayJson.Options)!,
        Credentials = JsonSerializer.Deserialize<Dictionary<string, CredentialsMetaInput>>(row.Credentials.Span, GatewayJson.Options)!,
        Name = row.Name,
        Description = row.Description,
        IsActive = row.IsActive,
        WebhookId = row.WebhookId?.ToString(),
        Id = row.Id.ToString(),
        UserId = row.UserId,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        Webhook = webhook,
    };

    private Webhook Webhook(WebhookRow row) => new()
    {
        Id = row.Id.ToString(),
        UserId = row.UserId,
        Provider = row.Provider,
        CredentialsId = row.CredentialsId,
        WebhookType = row.WebhookType,
        Resource = row.Resource,
        Events = row.Events,
        Config = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(row.Config.Span, GatewayJson.Options)!,
        Secret = Mask,
        ProviderWebhookId = row.ProviderWebhookId,
        Url = options.Value.PlatformBaseUrl is { } address ? $"{address.ToString().TrimEnd('/')}/api/integrations/{row.Provider}/webhooks/{row.Id}/ingress" : "",
    };
}
