using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Webhooks;

/// <summary>Reads the payloads of deliveries, whose form is the provider's.</summary>
internal static class WebhookPayloads
{
    /// <summary>A member that every payload of the event has.</summary>
    /// <param name="payload">The payload, or an object in it.</param>
    /// <param name="name">The name of the member.</param>
    /// <param name="kind">The kind of JSON value that it must be.</param>
    /// <exception cref="BlockException">The payload has no such member, because the run was not started by the webhook, or by another event.</exception>
    public static JsonElement Require(this JsonElement payload, string name, JsonValueKind kind) =>
        payload.Member(name) is { } value && value.ValueKind == kind
            ? value
            : throw new BlockException($"The payload has no {name} of kind {kind.ToString().ToLowerInvariant()}. The block runs with the payload of a delivery of its webhook.");

    /// <summary>A text that every payload of the event has.</summary>
    /// <param name="payload">The payload, or an object in it.</param>
    /// <param name="name">The name of the member.</param>
    /// <exception cref="BlockException">The payload has no such text.</exception>
    public static string RequireText(this JsonElement payload, string name) => payload.Require(name, JsonValueKind.String).GetString()!;
}
