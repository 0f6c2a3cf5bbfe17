using System.Collections.Immutable;

namespace Grainflow.Storage.Webhooks;

/// <summary>A webhook of a user (contract: semantics 4.8).</summary>
public sealed record WebhookRow
{
    /// <summary>The webhook; the ingress address contains it.</summary>
    public required Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public required string UserId { get; init; }

    /// <summary>The provider, for example <c>github</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>The credential with which it is registered at the provider; empty for a webhook that the user enters there by hand.</summary>
    public required string CredentialsId { get; init; }

    /// <summary>The kind of webhook at the provider, for example <c>repo</c>.</summary>
    public required string WebhookType { get; init; }

    /// <summary>What it watches, for example <c>owner/repository</c>; empty where the provider has nothing of the kind.</summary>
    public required string Resource { get; init; }

    /// <summary>The events that its triggers asked for, for example <c>issues.opened</c>.</summary>
    public required ImmutableArray<string> Events { get; init; }

    /// <summary>What the provider answered to the registration, a UTF-8 JSON object without secrets.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>The secret that signs deliveries, sealed for the purpose <see cref="SecretPurpose"/>. Opened it is 64 hexadecimal digits.</summary>
    public required ReadOnlyMemory<byte> SealedSecret { get; init; }

    /// <summary>The id that the provider gave it; empty when it has none.</summary>
    public required string ProviderWebhookId { get; init; }

    /// <summary>When the provider confirmed the registration; null before that.</summary>
    public required DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The purpose for which the secret of a webhook is sealed.</summary>
    /// <param name="webhookId">The webhook.</param>
    public static string SecretPurpose(Guid webhookId) => "webhook " + webhookId;
}
