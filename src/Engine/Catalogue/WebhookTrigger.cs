using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Catalogue;

/// <summary>The webhook that starts a graph at a block (contract: semantics 4.8).</summary>
public sealed record WebhookTrigger
{
    private const string EventMark = "{event}";

    /// <summary>The provider, for example <c>github</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>The kind of webhook at the provider, for example <c>repo</c>.</summary>
    public required string WebhookType { get; init; }

    /// <summary>
    /// What the webhook watches, with names of pins in braces; empty where the provider has nothing of the kind. Null for a webhook that users enter at the provider by hand.
    /// </summary>
    public string? ResourceFormat { get; init; }

    /// <summary>The pin whose value selects the events, an object of booleans by event; null when there is nothing to select.</summary>
    public string? EventFilterPin { get; init; }

    /// <summary>The full name of an event, with <c>{event}</c> for its name in the filter.</summary>
    public string EventFormat { get; init; } = EventMark;

    /// <summary>True for a webhook that users enter at the provider by hand.</summary>
    public bool IsManual => ResourceFormat is null;

    /// <summary>The full names of the events that a filter selects.</summary>
    /// <param name="config">The values of the pins of the block, an object.</param>
    /// <returns>The events; the problem when the filter is missing or selects none, with the texts of the contract.</returns>
    public (IReadOnlyList<string> Events, string? Problem) Events(JsonElement config)
    {
        if (EventFilterPin is not { } pin) return ([], null);
        if (config.Member(pin) is not { ValueKind: JsonValueKind.Object } filter || !filter.EnumerateObject().Any())
            return ([], $"Cannot set up {Provider} webhook without event filter input: missing input for '{pin}'");
        var wrong = filter.EnumerateObject().FirstOrDefault(member => member.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False));
        if (wrong.Value.ValueKind != JsonValueKind.Undefined)
            return ([], $"Cannot set up {Provider} webhook: '{wrong.Name}' in event filter input '{pin}' must be true or false");
        var events = Selected(filter).ToList();
        return events.Count > 0 ? (events, null) : ([], $"Cannot set up {Provider} webhook without any enabled events in event filter input '{pin}'");
    }

    /// <summary>What the webhook watches.</summary>
    /// <param name="config">The values of the pins of the block, an object.</param>
    /// <returns>The resource; the problem when a pin has no value, with the text of the contract.</returns>
    public (string Resource, string? Problem) Resource(JsonElement config)
    {
        var text = ResourceFormat ?? "";
        while (text.IndexOf('{', StringComparison.Ordinal) is var start and >= 0)
        {
            var end = text.IndexOf('}', start);
            var pin = text[(start + 1)..end];
            if (config.Member(pin) is not { ValueKind: JsonValueKind.String } given || given.GetString()!.AsSpan().IndexOfAnyExcept(' ', '\t') < 0)
                return ("", $"Cannot auto-setup {Provider} webhook without resource: missing input for '{pin}'");
            var value = given.GetString()!;
            if (value.AsSpan().IndexOfAny('{', '}') >= 0) return ("", $"Cannot auto-setup {Provider} webhook: '{pin}' must not contain braces");
            text = text[..start] + value + text[(end + 1)..];
        }

        return (text, null);
    }

    /// <summary>Whether an event is one that the filter selects. Without a filter pin every event is; with one that has no value none is.</summary>
    /// <param name="config">The values of the pins of the block, an object.</param>
    /// <param name="name">The full name of the event.</param>
    public bool Accepts(JsonElement config, string name) =>
        EventFilterPin is not { } pin || (config.Member(pin) is { ValueKind: JsonValueKind.Object } filter && Selected(filter).Contains(name, StringComparer.Ordinal));

    private IEnumerable<string> Selected(JsonElement filter) =>
        filter.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.True).Select(member => EventFormat.Replace(EventMark, member.Name, StringComparison.Ordinal));
}
