using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Webhooks;

/// <summary>One webhook (contract: semantics 4.8); the key is its id. It takes deliveries and asks the provider for a ping. The grain of its owner changes it.</summary>
[Alias("grainflow.IWebhookGrain")]
public interface IWebhookGrain : IGrainWithGuidKey
{
    /// <summary>Checks a delivery and stores it. It is durable when this answers that it was accepted, and is processed after that.</summary>
    /// <param name="delivery">The request of the provider.</param>
    [Alias("Receive")]
    Task<DeliveryAnswer> Receive(IncomingDelivery delivery);

    /// <summary>Stores a copy of a delivery, which is processed as a new one.</summary>
    /// <param name="userId">Must own the webhook.</param>
    /// <param name="deliveryId">The delivery.</param>
    /// <param name="copyId">The id of the copy. A repeated call with the same id stores nothing.</param>
    /// <returns>False when the user has no such webhook, or it no such delivery.</returns>
    [Alias("Replay")]
    Task<bool> Replay(string userId, Guid deliveryId, Guid copyId);

    /// <summary>Asks the provider to send a ping and waits until it arrives.</summary>
    /// <param name="userId">Must own the webhook.</param>
    [Alias("Ping"), ResponseTimeout("00:00:45")]
    Task<PingAnswer> Ping(string userId);

    /// <summary>Makes the grain read the webhook again, because its owner has changed it.</summary>
    [Alias("Changed")]
    Task Changed();
}

/// <summary>A request that a provider has sent to a webhook.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.IncomingDelivery")]
public sealed record IncomingDelivery
{
    /// <summary>The provider in the path.</summary>
    [Id(0)]
    public required string Provider { get; init; }

    /// <summary>The headers that providers sign, name events and name deliveries with, in lower case. A header that was sent several times has its first value.</summary>
    [Id(1)]
    public required Dictionary<string, string> Headers { get; init; }

    /// <summary>The body as it was sent.</summary>
    [Id(2)]
    public required ImmutableArray<byte> Body { get; init; }
}

/// <summary>What became of a delivery.</summary>
public enum DeliveryOutcome
{
    /// <summary>It is stored, or was before.</summary>
    Accepted,

    /// <summary>There is no such webhook of that provider.</summary>
    NotFound,

    /// <summary>It is not what the provider sends.</summary>
    Invalid,

    /// <summary>Its signature is missing or wrong.</summary>
    Forbidden,
}

/// <summary>The answer to a delivery.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.DeliveryAnswer")]
public sealed record DeliveryAnswer
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required DeliveryOutcome Outcome { get; init; }

    /// <summary>Why it was refused; null when it was not.</summary>
    [Id(1)]
    public string? Reason { get; init; }
}

/// <summary>What became of a ping.</summary>
public enum PingOutcome
{
    /// <summary>It has arrived.</summary>
    Arrived,

    /// <summary>The user has no such webhook.</summary>
    NotFound,

    /// <summary>The provider cannot be asked for one.</summary>
    Unsupported,

    /// <summary>It did not arrive in time.</summary>
    TimedOut,

    /// <summary>The provider refused to send one, or could not be asked.</summary>
    Refused,
}

/// <summary>The answer to a ping.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.PingAnswer")]
public sealed record PingAnswer
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required PingOutcome Outcome { get; init; }

    /// <summary>Why the provider refused; null when it did not.</summary>
    [Id(1)]
    public string? Reason { get; init; }
}
