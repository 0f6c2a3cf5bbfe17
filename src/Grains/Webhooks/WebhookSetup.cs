using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Webhooks.Providers;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks;

/// <summary>
/// Finds or creates the webhook of a trigger, and removes webhooks that nothing uses (contract: semantics 4.8). The grain of the user calls it, for one change at a time. A
/// webhook is a row before it is registered, so that one whose registration was broken off is found again: by its address, at the provider.
/// </summary>
internal sealed partial class WebhookSetup(
    IWebhookStore webhooks, WebhookProviders providers, ISecretSealer sealer, ICredentialLeases leases, IGrainFactory grains, IIdSource ids, IOptions<WebhookOptions> options, TimeProvider clock,
    ILogger<WebhookSetup> logger)
{
    private const int SecretBytes = 32;

    /// <summary>How long a webhook that cannot be deregistered is kept so that it is tried again.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromDays(7);

    private static readonly CredentialUse Use = new("webhook");

    /// <summary>The webhook for a trigger: a suitable one of the user, or a new one.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="trigger">The node that is to be triggered.</param>
    /// <param name="config">The values of its pins, the credentials among them.</param>
    /// <param name="presetId">The preset that is to be triggered.</param>
    /// <param name="attached">The webhook that the preset is attached to now, or null.</param>
    /// <returns>The webhook; the feedback of the contract when it cannot be set up.</returns>
    /// <exception cref="WebhookSetupException">The provider refused, or could not be asked.</exception>
    public async Task<(WebhookRow? Webhook, string? Feedback)> SetUpAsync(string userId, TriggerNode trigger, JsonElement config, Guid presetId, Guid? attached)
    {
        var wanted = trigger.Webhook;
        if (providers.Find(wanted.Provider) is not { } provider) return (null, $"The provider {wanted.Provider} does not support webhooks");
        var (events, problem) = wanted.Events(config);
        if (problem is not null) return (null, problem);
        if (wanted.IsManual) return (await ManualAsync(userId, wanted.Provider, wanted.WebhookType, events, presetId, attached), null);

        (var resource, problem) = wanted.Resource(config);
        if (problem is not null) return (null, problem);
        var pin = trigger.CredentialsPin?.Name ?? throw new InvalidOperationException($"Block {trigger.Block.Name} registers webhooks and has no credentials pin.");
        if (config.Member(pin)?.Member("id") is not { ValueKind: JsonValueKind.String } id || id.GetString() is not { Length: > 0 } credentialsId)
            return (null, $"Cannot set up {wanted.Provider} webhook without credentials: missing input for '{pin}'");
        await using var lease = await leases.AcquireAsync(userId, credentialsId, Use, CancellationToken.None);
        if (lease is null || lease.Credential.Provider != wanted.Provider) return (null, $"Cannot set up {wanted.Provider} webhook without credentials: credentials #{credentialsId} not found");

        var suitable = (await webhooks.OfTypeAsync(userId, wanted.Provider, wanted.WebhookType, CancellationToken.None))
            .FirstOrDefault(row => row.CredentialsId == credentialsId && row.Resource == resource && events.All(row.Events.Contains));
        if (suitable is { RegisteredAt: not null }) return (suitable, null);
        // One that is there and was not confirmed may have been registered, and the answer was lost.
        var webhook = suitable ?? await InsertAsync(ids.NewId(), userId, wanted.Provider, wanted.WebhookType, credentialsId, resource, events, isRegistered: false);
        return (await RegisterAsync(provider, webhook, lease.Credential, mayBeRegistered: suitable is not null), null);
    }

    /// <summary>Deregisters and deletes a webhook, unless a preset is attached to it.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="isLast">True to delete it also when it could not be deregistered, because its credential is being deleted.</param>
    /// <returns>False when a preset is attached to it, or it could not be deregistered and is kept.</returns>
    public async Task<bool> PruneAsync(WebhookRow webhook, bool isLast)
    {
        if (webhook.CredentialsId.Length > 0 && providers.Find(webhook.Provider) is { } provider && !await DeregisterAsync(provider, webhook) && !isLast && clock.GetUtcNow() - webhook.UpdatedAt < MostPatience) return false;
        var deleted = await webhooks.DeleteUnusedAsync(webhook.Id, CancellationToken.None);
        if (deleted) await grains.GetGrain<IWebhookGrain>(webhook.Id).Changed();
        return deleted;
    }

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The webhook of a preset that the user enters at the provider: it stays the same, so that its address does, and its events are changed in place.</summary>
    private async Task<WebhookRow> ManualAsync(string userId, string provider, string type, IReadOnlyList<string> events, Guid presetId, Guid? attached)
    {
        // The id follows from the preset, so that a set-up that is repeated after a crash finds the webhook of the first.
        var id = attached ?? DerivedIds.Of(Encoding.UTF8.GetBytes($"webhook of preset {presetId}"));
        if (await webhooks.FindAsync(id, CancellationToken.None) is { } known && known.UserId == userId && known.Provider == provider && known.WebhookType == type)
        {
            if (known.Events.SequenceEqual(events, StringComparer.Ordinal)) return known;
            var changed = known with { Events = [.. events], UpdatedAt = clock.GetUtcNow() };
            await webhooks.SaveAsync(changed, CancellationToken.None);
            await grains.GetGrain<IWebhookGrain>(id).Changed();
            return changed;
        }

        return await InsertAsync(attached is null ? id : ids.NewId(), userId, provider, type, "", "", events, isRegistered: true);
    }

    private async Task<WebhookRow> InsertAsync(Guid id, string userId, string provider, string type, string credentialsId, string resource, IReadOnlyList<string> events, bool isRegistered)
    {
        var now = clock.GetUtcNow();
        var webhook = new WebhookRow
        {
            Id = id,
            UserId = userId,
            Provider = provider,
            CredentialsId = credentialsId,
            WebhookType = type,
            Resource = resource,
            Events = [.. events],
            Config = "{}"u8.ToArray(),
            SealedSecret = await sealer.SealAsync(userId, WebhookRow.SecretPurpose(id), Encoding.ASCII.GetBytes(NewSecret()), CancellationToken.None),
            ProviderWebhookId = "",
            RegisteredAt = isRegistered ? now : null,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await webhooks.InsertAsync(webhook, CancellationToken.None);
        return webhook;
    }

    private async Task<WebhookRow> RegisterAsync(WebhookProvider provider, WebhookRow webhook, Credential credential, bool mayBeRegistered)
    {
        var registration = await RegistrationAsync(webhook, credential);
        try
        {
            var found = mayBeRegistered ? await provider.FindAsync(registration, CancellationToken.None) : null;
            found ??= await provider.RegisterAsync(registration, CancellationToken.None);
            var now = clock.GetUtcNow();
            var registered = webhook with { ProviderWebhookId = found.Id, Config = found.Config, RegisteredAt = now, UpdatedAt = now };
            await webhooks.SaveAsync(registered, CancellationToken.None);
            return registered;
        }
        catch (WebhookSetupException refusal) when (!refusal.IsPassing)
        {
            await webhooks.DeleteUnusedAsync(webhook.Id, CancellationToken.None);
            throw;
        }
    }

    private async Task<WebhookRegistration> RegistrationAsync(WebhookRow webhook, Credential credential)
    {
        var secret = await sealer.OpenAsync(webhook.UserId, WebhookRow.SecretPurpose(webhook.Id), webhook.SealedSecret, CancellationToken.None);
        return new WebhookRegistration(webhook, options.Value.IngressUrl(webhook.Provider, webhook.Id)!, Encoding.ASCII.GetString(secret), credential);
    }

    /// <summary>Deregisters a webhook at its provider, when its credential is there.</summary>
    /// <returns>False when the provider could not be asked and may be asked again.</returns>
    private async Task<bool> DeregisterAsync(WebhookProvider provider, WebhookRow webhook)
    {
        try
        {
            await using var lease = await leases.AcquireAsync(webhook.UserId, webhook.CredentialsId, Use, CancellationToken.None);
            if (lease is null)
            {
                NotDeregistered(null, webhook.Id, webhook.Provider, "its credential is gone");
                return true;
            }

            var registered = webhook;
            if (webhook.RegisteredAt is null)
            {
                if (options.Value.PlatformBaseUrl is null || await provider.FindAsync(await RegistrationAsync(webhook, lease.Credential), CancellationToken.None) is not { } found) return true;
                registered = webhook with { ProviderWebhookId = found.Id };
            }

            await provider.DeregisterAsync(registered, lease.Credential, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is WebhookSetupException or CredentialUnusableException)
        {
            NotDeregistered(exception, webhook.Id, webhook.Provider, exception.Message);
            return exception is WebhookSetupException { IsPassing: false };
        }
    }

    [LoggerMessage(2906, LogLevel.Warning, "Webhook {WebhookId} could not be deregistered at {Provider}: {Reason}")]
    private partial void NotDeregistered(Exception? exception, Guid webhookId, string provider, string reason);
}
