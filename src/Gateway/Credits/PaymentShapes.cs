using Grainflow.Storage.Billing;

namespace Grainflow.Gateway.Credits;

/// <summary>The body of "request credit top up".</summary>
internal sealed record RequestTopUp
{
    public required int CreditAmount { get; init; }
}

/// <summary>The page on which the user pays.</summary>
internal sealed record CheckoutUrl
{
    [System.Text.Json.Serialization.JsonPropertyName("checkout_url")]
    public required string Url { get; init; }
}

/// <summary>When credits are bought automatically, and how many (contract: semantics 3.7).</summary>
internal sealed record AutoTopUpConfig
{
    /// <summary>How many credits are bought at a time.</summary>
    public required int Amount { get; init; }

    /// <summary>The balance below which they are bought; 0 for never.</summary>
    public required int Threshold { get; init; }
}

/// <summary>A refund that a user has asked for.</summary>
internal sealed record RefundRequest
{
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required string TransactionKey { get; init; }

    /// <summary>Credits.</summary>
    public required int Amount { get; init; }

    public required string Reason { get; init; }

    public string? Result { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public static RefundRequest Of(RefundRow row) => new()
    {
        Id = row.Id.ToString(),
        UserId = row.UserId,
        TransactionKey = row.TransactionKey,
        Amount = (int)row.Amount,
        Reason = row.Reason,
        Result = row.Result,
        Status = row.Status,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };
}
