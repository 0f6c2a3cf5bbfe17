using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>Declares the webhook that starts a graph at a block (contract: <c>blocks.tsv</c>, column <c>webhook</c>).</summary>
/// <param name="provider">The provider, for example <c>github</c>.</param>
/// <param name="webhookType">The kind of webhook at the provider.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class WebhookTriggerAttribute(string provider, string webhookType) : Attribute
{
    /// <summary>What the webhook watches, with names of pins in braces; empty for nothing; null for a webhook that users enter at the provider by hand.</summary>
    public string? Resource { get; init; }

    /// <summary>The pin whose value selects the events; null when there is nothing to select.</summary>
    public string? EventFilter { get; init; }

    /// <summary>The full name of an event, with <c>{event}</c> for its name in the filter.</summary>
    public string EventFormat { get; init; } = "{event}";

    internal WebhookTrigger Trigger => new() { Provider = provider, WebhookType = webhookType, ResourceFormat = Resource, EventFilterPin = EventFilter, EventFormat = EventFormat };
}
