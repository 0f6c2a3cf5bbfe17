using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Webhooks.Providers;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Grainflow.Grains.Webhooks;

/// <inheritdoc cref="IWebhookGrain"/>
/// <remarks>
/// Reentrant, so that deliveries that arrive together share a transaction, and a ping arrives while it is waited for. It keeps only the webhook and its opened secret, for a
/// few seconds, and no delivery: the rows are the record.
/// </remarks>
[Reentrant, PreferLocalPlacement, StayingSilos]
internal sealed partial class WebhookGrain(
    IWebhookStore webhooks, IDeliveryStore deliveries, DeliveryWriter writer, DeliveryDispatcher dispatcher, WebhookProviders providers, ISecretSealer sealer, ICredentialLeases leases, IIdSource ids,
    IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookGrain> logger) : Grain, IWebhookGrain
{
    private const string PingEvent = "ping";

    /// <summary>An event name of a provider is not longer.</summary>
    private const int MostEventLetters = 200;

    private const int MostKeyLetters = 255;

    /// <summary>How long the webhook is used without reading it again; a second activation of the same webhook may have changed it.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly List<TaskCompletionSource> _pings = [];
    private Task<Known?>? _known;
    private long _readAt;

    private Guid Id => this.GetPrimaryKey();

    /// <inheritdoc/>
    public async Task<DeliveryAnswer> Receive(IncomingDelivery delivery)
    {
        if (await KnownAsync() is not { } known || known.Webhook.Provider != delivery.Provider || providers.Find(delivery.Provider) is not { } provider)
            return new DeliveryAnswer { Outcome = DeliveryOutcome.NotFound };
        ReadDelivery read;
        try
        {
            read = provider.Read(delivery, known.Secret);
            Require(read.Event, MostEventLetters, "event");
            if (read.Key is { } given) Require(given, MostKeyLetters, "id of the delivery");
        }
        catch (DeliveryRefusedException refusal)
        {
            Refused(Id, refusal.Message);
            return new DeliveryAnswer { Outcome = refusal.Outcome, Reason = refusal.Message };
        }

        var now = clock.GetUtcNow();
        var stored = new DeliveryRow
        {
            Id = read.Key is { } key ? DeliveryRow.IdOf(Id, key) : ids.NewId(),
            WebhookId = Id,
            UserId = known.Webhook.UserId,
            Key = read.Key,
            Event = read.Event,
            Payload = read.Payload,
            ReceivedAt = now,
            DueAt = now + options.Value.Patience,
        };
        var receipt = await writer.AddAsync(stored);
        if (receipt == DeliveryReceipt.WebhookGone) return new DeliveryAnswer { Outcome = DeliveryOutcome.NotFound };
        if (receipt == DeliveryReceipt.Stored) dispatcher.Enqueue(stored);
        if (read.Event == PingEvent) foreach (var waiting in _pings) waiting.TrySetResult();
        return new DeliveryAnswer { Outcome = DeliveryOutcome.Accepted };
    }

    /// <inheritdoc/>
    public async Task<bool> Replay(string userId, Guid deliveryId, Guid copyId)
    {
        if (await webhooks.FindAsync(Id, CancellationToken.None) is not { } webhook || webhook.UserId != userId) return false;
        var now = clock.GetUtcNow();
        if (await deliveries.ReplayAsync((Id, deliveryId), copyId, now, now + options.Value.Patience, CancellationToken.None) is not { } copy) return false;
        // One that was stored by an earlier call may have been processed; its runs have derived ids, so that it starts nothing twice.
        dispatcher.Enqueue(copy);
        return true;
    }

    /// <inheritdoc/>
    public async Task<PingAnswer> Ping(string userId)
    {
        if (await webhooks.FindAsync(Id, CancellationToken.None) is not { } webhook || webhook.UserId != userId) return new PingAnswer { Outcome = PingOutcome.NotFound };
        if (providers.Find(webhook.Provider) is not { SendsPings: true } provider || webhook.CredentialsId.Length == 0) return new PingAnswer { Outcome = PingOutcome.Unsupported };
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pings.Add(arrived);
        try
        {
            await using (var lease = await leases.AcquireAsync(userId, webhook.CredentialsId, new CredentialUse("webhook"), CancellationToken.None))
            {
                if (lease is null) return new PingAnswer { Outcome = PingOutcome.Refused, Reason = "The credential of the webhook is gone." };
                await provider.PingAsync(webhook, lease.Credential, CancellationToken.None);
            }

            await arrived.Task.WaitAsync(options.Value.PingWait, clock);
            return new PingAnswer { Outcome = PingOutcome.Arrived };
        }
        catch (TimeoutException)
        {
            return new PingAnswer { Outcome = PingOutcome.TimedOut };
        }
        catch (Exception exception) when (exception is WebhookSetupException or CredentialUnusableException)
        {
            return new PingAnswer { Outcome = PingOutcome.Refused, Reason = exception.Message };
        }
        finally
        {
            _pings.Remove(arrived);
        }
    }

    /// <inheritdoc/>
    public Task Changed()
    {
        _known = null;
        return Task.CompletedTask;
    }

    private static void Require(string text, int most, string what)
    {
        if (text.Length > most || text.Any(char.IsControl)) throw new DeliveryRefusedException(DeliveryOutcome.Invalid, $"The {what} has more than {most} letters or a control character.");
    }

    /// <summary>The webhook and its secret. Deliveries that arrive while they are read share the reading.</summary>
    private async Task<Known?> KnownAsync()
    {
        if (_known is not { } reading || clock.GetElapsedTime(_readAt) > Lifetime)
        {
            _readAt = clock.GetTimestamp();
            _known = reading = ReadAsync();
        }

        try
        {
            var known = await reading;
            // Anybody may send to ids that were never there; they keep no activation.
            if (known is null) DeactivateOnIdle();
            return known;
        }
        catch
        {
            if (_known == reading) _known = null;
            throw;
        }
    }

    private async Task<Known?> ReadAsync()
    {
        if (await webhooks.FindAsync(Id, CancellationToken.None) is not { } webhook) return null;
        return new Known(webhook, await sealer.OpenAsync(webhook.UserId, WebhookRow.SecretPurpose(Id), webhook.SealedSecret, CancellationToken.None));
    }

    [LoggerMessage(2900, LogLevel.Information, "A delivery to webhook {WebhookId} was refused: {Reason}")]
    private partial void Refused(Guid webhookId, string reason);

    private sealed record Known(WebhookRow Webhook, byte[] Secret);
}
