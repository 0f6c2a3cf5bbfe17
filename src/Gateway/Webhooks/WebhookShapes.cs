using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Webhooks;

/// <summary>A page of the deliveries of a webhook.</summary>
internal sealed record WebhookDeliveries
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<WebhookDelivery> Deliveries { get; init; }

    /// <summary>The <c>cursor</c> of the next page; null when this is the last one.</summary>
    public required string? NextCursor { get; init; }
}

/// <summary>A delivery and what it did.</summary>
internal sealed record WebhookDelivery
{
    public required string Id { get; init; }

    public required string WebhookId { get; init; }

    /// <summary>The provider's id of the delivery; null where it has none.</summary>
    public required string? DeliveryKey { get; init; }

    public required string Event { get; init; }

    public required int PayloadBytes { get; init; }

    /// <summary>The delivery whose payload it repeats by hand, or null.</summary>
    public required string? ReplayOf { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Null while it is processed.</summary>
    public required DateTimeOffset? ProcessedAt { get; init; }

    /// <summary>How often it was taken up again after its first processing had not ended.</summary>
    public required int Attempts { get; init; }

    /// <summary>Why it is not processed yet, or null.</summary>
    public required string? Error { get; init; }

    /// <summary>What it did to each preset that was attached to the webhook.</summary>
    public required IReadOnlyList<WebhookTriggerResult> Triggers { get; init; }
}

/// <summary>What a delivery did to one preset.</summary>
internal sealed record WebhookTriggerResult
{
    public required string PresetId { get; init; }

    [OneOf("waiting", "started", "skipped", "failed")]
    public required string Status { get; init; }

    /// <summary>The run; null when there is none.</summary>
    public required string? GraphExecId { get; init; }

    /// <summary>Why there is no run, or null.</summary>
    public required string? Reason { get; init; }
}

/// <summary>The copy of a delivery that is processed again.</summary>
internal sealed record WebhookReplay
{
    public required string DeliveryId { get; init; }
}
