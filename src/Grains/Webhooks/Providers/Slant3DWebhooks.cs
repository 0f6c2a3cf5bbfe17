using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Webhooks;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks.Providers;

/// <summary>Webhooks of orders at Slant3D, which signs nothing and has no way to deregister (contract: semantics 4.8, row Slant3D).</summary>
internal sealed class Slant3DWebhooks(ProviderHttp http, IOptions<WebhookOptions> options) : WebhookProvider("slant3d", "")
{
    private static readonly string[] Required = ["orderId", "status", "trackingNumber", "carrierCode"];

    /// <inheritdoc/>
    public override ReadDelivery Read(IncomingDelivery delivery, ReadOnlySpan<byte> secret)
    {
        var payload = Json(delivery);
        var missing = Required.Where(name => payload.Member(name) is null).ToList();
        if (missing.Count > 0) throw new DeliveryRefusedException(DeliveryOutcome.Invalid, $"Missing required fields: {string.Join(", ", missing)}");
        if (payload.Member("status") is not { ValueKind: JsonValueKind.String } status) throw new DeliveryRefusedException(DeliveryOutcome.Invalid, "The field status must be a text.");
        var normalized = JsonValues.Object(Required.Select(name => KeyValuePair.Create(name, payload.Member(name)!.Value)));
        return new ReadDelivery(base.Read(delivery, secret).Key, "order." + status.GetString()!.ToLowerInvariant(), JsonValues.CompactUtf8(normalized), normalized);
    }

    /// <inheritdoc/>
    public override async Task<ProviderWebhook> RegisterAsync(WebhookRegistration registration, CancellationToken cancellationToken)
    {
        if (registration.Credential.Type != CredentialTypes.ApiKey) throw new WebhookSetupException("API key is required to register a webhook", isPassing: false);
        var reply = await http.SendAsync(
            HttpMethod.Post,
            new Uri($"{options.Value.Slant3DApiBase.ToString().TrimEnd('/')}/customer/webhookSubscribe"),
            [("api-key", registration.Credential.Secret)],
            new JsonObject { ["endPoint"] = registration.Address },
            cancellationToken);
        if (reply.Status is < 200 or >= 300)
        {
            var error = reply.Json.Member("error") is { ValueKind: JsonValueKind.String } text ? text.GetString() : "Unknown error";
            throw new WebhookSetupException($"Failed to register webhook: {error}", isPassing: false);
        }

        var config = new JsonObject { ["endpoint"] = registration.Address, ["provider"] = Name, ["events"] = new JsonArray("order.shipped"), ["type"] = registration.Webhook.WebhookType };
        return new ProviderWebhook("", JsonSerializer.SerializeToUtf8Bytes(config));
    }
}
