using System.Text;
using Grainflow.Engine.Execution;

namespace Grainflow.Storage.Webhooks;

/// <summary>A delivery of a webhook that was acknowledged.</summary>
public sealed record DeliveryRow
{
    /// <summary>The delivery; see <see cref="IdOf"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>The webhook.</summary>
    public required Guid WebhookId { get; init; }

    /// <summary>The owner of the webhook.</summary>
    public required string UserId { get; init; }

    /// <summary>The provider's id of the delivery; null where it has none.</summary>
    public string? Key { get; init; }

    /// <summary>The event, for example <c>issues.opened</c>.</summary>
    public required string Event { get; init; }

    /// <summary>What triggers get, UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The delivery whose payload it repeats by hand, or null.</summary>
    public Guid? ReplayOf { get; init; }

    /// <summary>When it was acknowledged.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>How often it was taken up again after its first processing had not ended.</summary>
    public int Attempts { get; init; }

    /// <summary>When it is processed again if nobody has ended it; null once it is processed.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The id of a delivery that its provider has named: the same for each repetition.</summary>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="key">The provider's id of the delivery.</param>
    public static Guid IdOf(Guid webhookId, string key) => DerivedIds.Of(Encoding.UTF8.GetBytes($"delivery {webhookId} {key}"));

    /// <summary>The id of the run that a delivery starts for a preset.</summary>
    /// <param name="deliveryId">The delivery.</param>
    /// <param name="presetId">The preset.</param>
    public static Guid RunOf(Guid deliveryId, Guid presetId) => DerivedIds.Of(Encoding.UTF8.GetBytes($"delivery {deliveryId} triggers {presetId}"));
}

/// <summary>What became of a delivery for one preset.</summary>
public enum TriggerState
{
    /// <summary>Its run could not be started yet, and is tried again.</summary>
    Waiting,

    /// <summary>Its run is stored.</summary>
    Started,

    /// <summary>The preset is inactive, does not want the event, or cannot run any more.</summary>
    Skipped,

    /// <summary>Its run cannot be started.</summary>
    Failed,
}

/// <summary>What a delivery did to one preset.</summary>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="PresetId">The preset.</param>
/// <param name="RunId">The run; it is there when <paramref name="State"/> is <see cref="TriggerState.Started"/>.</param>
/// <param name="State">What became of it.</param>
/// <param name="Reason">Why there is no run, for the owner; null when there is one.</param>
/// <param name="At">When that was known.</param>
public sealed record TriggerRow(Guid DeliveryId, Guid PresetId, Guid RunId, TriggerState State, string? Reason, DateTimeOffset At);

/// <summary>How the processing of a delivery went.</summary>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="Triggers">What it did to presets. Those that have ended before stay as they are.</param>
/// <param name="DueAt">When it is processed again; null when that was all.</param>
/// <param name="Error">Why it was not processed, for the owner, or null.</param>
public sealed record DeliveryEnd(Guid DeliveryId, IReadOnlyList<TriggerRow> Triggers, DateTimeOffset? DueAt, string? Error);

/// <summary>A delivery in the log of its webhook.</summary>
/// <param name="Delivery">The delivery, whose payload is not read.</param>
/// <param name="PayloadBytes">The size of its payload.</param>
/// <param name="ProcessedAt">When its processing ended; null while it goes on.</param>
/// <param name="Error">Why it was not processed, or null.</param>
/// <param name="Triggers">What it did to presets, in no order.</param>
public sealed record LoggedDelivery(DeliveryRow Delivery, int PayloadBytes, DateTimeOffset? ProcessedAt, string? Error, IReadOnlyList<TriggerRow> Triggers);

/// <summary>What became of a delivery that was to be stored.</summary>
public enum DeliveryReceipt
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>It was stored before.</summary>
    Repeated,

    /// <summary>Its webhook is gone.</summary>
    WebhookGone,
}
