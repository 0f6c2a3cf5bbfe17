using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Storage.Webhooks;

namespace Grainflow.Grains.Webhooks.Providers;

/// <summary>
/// What differs between the providers of webhooks (contract: semantics 4.8): how a delivery is read and how a webhook is registered. This class is that of providers where users
/// enter webhooks by hand: a JSON body, no signature, one event.
/// </summary>
/// <param name="name">The name in paths and in blocks.</param>
/// <param name="eventName">The event of each delivery.</param>
internal class WebhookProvider(string name, string eventName)
{
    /// <summary>Headers by which senders of any provider may name a delivery, so that a repetition of it counts once.</summary>
    private static readonly string[] DeliveryNames = ["webhook-id", "idempotency-key"];

    /// <summary>The name in paths and in blocks.</summary>
    public string Name => name;

    /// <summary>Whether the provider can be asked for a ping.</summary>
    public virtual bool SendsPings => false;

    /// <summary>Checks and reads a delivery.</summary>
    /// <param name="delivery">The request.</param>
    /// <param name="secret">The secret of the webhook.</param>
    /// <exception cref="DeliveryRefusedException">The delivery is not what the provider sends, or not signed by it.</exception>
    public virtual ReadDelivery Read(IncomingDelivery delivery, ReadOnlySpan<byte> secret) =>
        new(DeliveryNames.Select(delivery.Headers.GetValueOrDefault).FirstOrDefault(key => key is not null), eventName, delivery.Body.AsMemory(), Json(delivery));

    /// <summary>Registers a webhook at the provider.</summary>
    /// <param name="registration">The webhook.</param>
    /// <param name="cancellationToken">Cancels the request; whether it was registered is then unknown.</param>
    /// <exception cref="WebhookSetupException">The provider refused, or could not be asked.</exception>
    public virtual Task<ProviderWebhook> RegisterAsync(WebhookRegistration registration, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"Webhooks of {name} are entered there by hand.");

    /// <summary>A webhook that an earlier registration has made whose answer was lost; null when there is none, or the provider cannot tell.</summary>
    /// <param name="registration">The webhook.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="WebhookSetupException">The provider refused, or could not be asked.</exception>
    public virtual Task<ProviderWebhook?> FindAsync(WebhookRegistration registration, CancellationToken cancellationToken) => Task.FromResult<ProviderWebhook?>(null);

    /// <summary>Deregisters a webhook at the provider. One that is not there any more is deregistered.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="credential">The credential that it was registered with.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="WebhookSetupException">The provider refused, or could not be asked.</exception>
    public virtual Task DeregisterAsync(WebhookRow webhook, Credential credential, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks the provider to send a ping.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="credential">The credential that it was registered with.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="WebhookSetupException">The provider refused, or could not be asked.</exception>
    public virtual Task PingAsync(WebhookRow webhook, Credential credential, CancellationToken cancellationToken) => throw new NotSupportedException($"{name} sends no pings.");

    /// <summary>The body of a delivery as JSON.</summary>
    /// <param name="delivery">The request.</param>
    /// <exception cref="DeliveryRefusedException">It is no JSON, or nests too deep for the value of a pin.</exception>
    protected static JsonElement Json(IncomingDelivery delivery)
    {
        JsonElement payload;
        try
        {
            payload = JsonValues.ParseUtf8(delivery.Body.AsSpan());
        }
        catch (JsonException exception)
        {
            throw new DeliveryRefusedException(DeliveryOutcome.Invalid, $"The body is not valid JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }

        return JsonValues.DepthProblem(payload, "payload") is { } problem ? throw new DeliveryRefusedException(DeliveryOutcome.Invalid, $"The body is refused: {problem}.") : payload;
    }
}

/// <summary>What a delivery says.</summary>
/// <param name="Key">The provider's id of the delivery; null when it has none.</param>
/// <param name="Event">The full name of the event.</param>
/// <param name="Payload">What triggers get, UTF-8 JSON.</param>
/// <param name="Json">The same, parsed.</param>
internal sealed record ReadDelivery(string? Key, string Event, ReadOnlyMemory<byte> Payload, JsonElement Json);

/// <summary>A webhook that is to be registered.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Address">Where the provider sends deliveries to.</param>
/// <param name="Secret">The secret that the provider signs them with.</param>
/// <param name="Credential">The credential of the user at the provider.</param>
internal sealed record WebhookRegistration(WebhookRow Webhook, string Address, string Secret, Credential Credential);

/// <summary>A webhook at its provider.</summary>
/// <param name="Id">The provider's id; empty when it has none.</param>
/// <param name="Config">What the provider answered, a UTF-8 JSON object without secrets.</param>
internal sealed record ProviderWebhook(string Id, ReadOnlyMemory<byte> Config);

/// <summary>A delivery is refused.</summary>
/// <param name="outcome">The kind of refusal.</param>
/// <param name="message">The reason, for the sender.</param>
internal sealed class DeliveryRefusedException(DeliveryOutcome outcome, string message) : Exception(message)
{
    /// <summary>The kind of refusal.</summary>
    public DeliveryOutcome Outcome => outcome;
}

/// <summary>A provider refused a request about a webhook, or could not be asked. The message contains no secret.</summary>
/// <param name="message">What the provider said, for the user.</param>
/// <param name="isPassing">Whether the same request may succeed later; what became of it is then unknown.</param>
/// <param name="inner">The error behind it, or null.</param>
internal sealed class WebhookSetupException(string message, bool isPassing, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same request may succeed later; what became of it is then unknown.</summary>
    public bool IsPassing => isPassing;
}
