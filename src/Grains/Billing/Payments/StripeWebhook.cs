using System.Text.Json;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.Options;
using Stripe;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>
/// Reads the events that Stripe sends. The signature is checked by the library. Of the body only ids are read, which all versions of Stripe's API have in the same
/// places; the objects themselves are asked for in the version of the library.
/// </summary>
/// <param name="options">The settings.</param>
/// <param name="clock">The time that signatures are compared with.</param>
internal sealed class StripeWebhook(IOptions<PaymentOptions> options, TimeProvider clock)
{
    /// <summary>How long before now an event may have been signed, in seconds.</summary>
    private const int Tolerance = 300;

    /// <summary>When an event is tried again that was stored and not processed, as by a crash.</summary>
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);

    private readonly string[] _secrets = options.Value.StripeWebhookSecret.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>What is missing for receiving events, naming the setting; null when nothing is.</summary>
    public string? Missing => _secrets.Length == 0 ? "Events of Stripe cannot be checked on this server: STRIPE_WEBHOOK_SECRET is not set." : null;

    /// <summary>Checks the signature of an event and reads it.</summary>
    /// <param name="payload">The body as it came.</param>
    /// <param name="signature">The header <c>Stripe-Signature</c>, or null.</param>
    /// <returns>The event as it is first stored.</returns>
    /// <exception cref="FormatException">The signature is wrong or too old, or the body is no event.</exception>
    public StripeEventRow Read(string payload, string? signature)
    {
        var now = clock.GetUtcNow();
        if (string.IsNullOrEmpty(signature)) throw new FormatException("The header Stripe-Signature is missing.");
        if (!_secrets.Any(secret => IsSigned(payload, signature, secret, now.ToUnixTimeSeconds()))) throw new FormatException("The signature does not belong to this body, or it is older than five minutes.");
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            var subject = root.GetProperty("data").GetProperty("object");
            return new StripeEventRow
            {
                Id = Text(root, "id") ?? throw new FormatException("The event has no id."),
                Type = Text(root, "type") ?? throw new FormatException("The event has no type."),
                ObjectId = Text(subject, "id") ?? "",
                IntentId = Reference(subject, "payment_intent"),
                PaymentId = Guid.TryParseExact(Text(Member(subject, "metadata"), StripeProvider.PaymentIdName) ?? Text(subject, "client_reference_id"), "D", out var id) ? id : null,
                ReceivedAt = now,
                DueAt = now + FirstDelay,
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("The body is not an event of Stripe.", exception);
        }
    }

    private static bool IsSigned(string payload, string signature, string secret, long now)
    {
        try
        {
            EventUtility.ValidateSignature(payload, signature, secret, Tolerance, now);
            return true;
        }
        catch (Exception exception) when (exception is StripeException or FormatException or OverflowException or ArgumentException or KeyNotFoundException)
        {
            // A header that is not of Stripe's form makes the library fail in several ways.
            return false;
        }
    }

    private static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The id of an object that is there by its id or as a whole.</summary>
    private static string? Reference(JsonElement element, string name) => Text(element, name) ?? Text(Member(element, name), "id");
}
