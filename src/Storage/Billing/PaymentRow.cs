namespace Grainflow.Storage.Billing;

/// <summary>Something that a user buys from the payment provider.</summary>
public sealed record PaymentRow
{
    /// <summary>The payment. It is also in the metadata of the provider's objects, and the idempotency key of the calls that make them.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who pays.</summary>
    public required string UserId { get; init; }

    /// <summary>One of <see cref="PaymentKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>One of <see cref="PaymentStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it is not fulfilled; null when it is, or when nothing is wrong.</summary>
    public string? Reason { get; init; }

    /// <summary>Credits, which are cents; 0 for a card check.</summary>
    public required long Credits { get; init; }

    /// <summary>The key of the transaction in the ledger once it is fulfilled, before that a provisional one (contract: semantics 3.5, column "Key"). Unique for the user.</summary>
    public required string TransactionKey { get; init; }

    /// <summary>The provider's checkout session, or null.</summary>
    public string? SessionId { get; init; }

    /// <summary>The provider's payment intent or setup intent, or null.</summary>
    public string? IntentId { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the provider is asked what became of it; null when it is not pending.</summary>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>The kinds of payments.</summary>
public static class PaymentKind
{
    /// <summary>The user pays on a page of the provider.</summary>
    public const string Checkout = "CHECKOUT";

    /// <summary>Over saved cards, because a charge left less than the threshold.</summary>
    public const string Automatic = "AUTOMATIC";

    /// <summary>Over saved cards, when the automatic top-up was set up.</summary>
    public const string Configured = "CONFIGURED";

    /// <summary>No money moves: a saved card is checked when the automatic top-up is set up.</summary>
    public const string CardCheck = "CARD_CHECK";
}

/// <summary>The states of payments.</summary>
public static class PaymentStatus
{
    /// <summary>Nothing is in the ledger, and it is not known yet whether the provider has the money.</summary>
    public const string Pending = "PENDING";

    /// <summary>It is in the ledger.</summary>
    public const string Fulfilled = "FULFILLED";

    /// <summary>Nothing was paid. Money that arrives nevertheless makes it <see cref="Fulfilled"/>.</summary>
    public const string Failed = "FAILED";
}

/// <summary>What a user wants back of a top-up.</summary>
public sealed record RefundRow
{
    /// <summary>The request, and the idempotency key of the refund.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose top-up.</summary>
    public required string UserId { get; init; }

    /// <summary>The key of the top-up in the ledger.</summary>
    public required string TransactionKey { get; init; }

    /// <summary>Credits: those of the top-up, or once it is approved what was given back.</summary>
    public required long Amount { get; init; }

    /// <summary>What the user gives as the reason; may be empty.</summary>
    public required string Reason { get; init; }

    /// <summary>What the user is told of it, or null.</summary>
    public string? Result { get; init; }

    /// <summary>PENDING, APPROVED or REJECTED.</summary>
    public required string Status { get; init; }

    /// <summary>The provider's refund, or null while there is none.</summary>
    public string? RefundId { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the refund is tried again; null for one that an administrator decides, and for one that has ended.</summary>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>The states of refund requests (contract: enums.tsv, CreditRefundRequestStatus).</summary>
public static class RefundStatus
{
    /// <summary>An administrator, or the provider, has to decide.</summary>
    public const string Pending = "PENDING";

    /// <summary>The money went back.</summary>
    public const string Approved = "APPROVED";

    /// <summary>The money did not go back.</summary>
    public const string Rejected = "REJECTED";
}

/// <summary>An event that Stripe has sent.</summary>
public sealed record StripeEventRow
{
    /// <summary>Stripe's id of the event.</summary>
    public required string Id { get; init; }

    /// <summary>The type, such as <c>checkout.session.completed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The object that it is about.</summary>
    public required string ObjectId { get; init; }

    /// <summary>The payment intent of the object, or null.</summary>
    public string? IntentId { get; init; }

    /// <summary>The payment that the object names, or null.</summary>
    public Guid? PaymentId { get; init; }

    /// <summary>When it first came.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it was processed; null before that.</summary>
    public DateTimeOffset? ProcessedAt { get; init; }

    /// <summary>How often it was tried in vain.</summary>
    public int Attempts { get; init; }

    /// <summary>Why it was not processed, or processed without a change; null when all is well.</summary>
    public string? Error { get; init; }

    /// <summary>When it is tried again; null once it was processed.</summary>
    public DateTimeOffset? DueAt { get; init; }
}
