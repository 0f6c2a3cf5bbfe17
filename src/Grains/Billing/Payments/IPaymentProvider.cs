namespace Grainflow.Grains.Billing.Payments;

/// <summary>
/// What is asked of the company that moves money. A call that makes something has an idempotency key, so that it may be repeated. Calls throw a
/// <see cref="ProviderRefusalException"/> when nothing was done, and a <see cref="ProviderAwayException"/> when it is not known.
/// </summary>
internal interface IPaymentProvider
{
    /// <summary>What is missing for payments, naming the setting; null when nothing is.</summary>
    string? Missing { get; }

    /// <summary>Makes the customer that stands for a user.</summary>
    /// <param name="userId">The user, for the metadata.</param>
    /// <param name="email">The mail address, or null.</param>
    /// <param name="name">The name, or null.</param>
    /// <returns>The id of the customer.</returns>
    Task<string> CreateCustomerAsync(string userId, string? email, string? name);

    /// <summary>Makes a page on which credits are bought.</summary>
    Task<ProviderCheckout> CreateCheckoutAsync(NewCheckout checkout);

    /// <summary>A checkout as it is now.</summary>
    Task<ProviderCheckout> FindCheckoutAsync(string sessionId);

    /// <summary>Makes a page on which a customer manages his cards.</summary>
    /// <returns>Its address.</returns>
    Task<string> CreatePortalAsync(string customerId, string returnUrl);

    /// <summary>The saved cards of a customer, in the order in which they are tried.</summary>
    Task<IReadOnlyList<string>> CardsAsync(string customerId);

    /// <summary>Charges a saved card while its owner is away.</summary>
    Task<ProviderPayment> PayAsync(CardPayment payment);

    /// <summary>The payments that a customer has made since a time.</summary>
    Task<IReadOnlyList<ProviderPayment>> PaymentsAsync(string customerId, DateTimeOffset since);

    /// <summary>The payments of all customers since a time, newest first.</summary>
    IAsyncEnumerable<ProviderPayment> AllPaymentsAsync(DateTimeOffset since);

    /// <summary>The refunds of all payments since a time, newest first.</summary>
    IAsyncEnumerable<ProviderRefund> AllRefundsAsync(DateTimeOffset since);

    /// <summary>A payment as it is now.</summary>
    Task<ProviderPayment> FindPaymentAsync(string intentId);

    /// <summary>Checks a saved card without moving money.</summary>
    Task<ProviderPayment> CheckCardAsync(CardPayment payment);

    /// <summary>Gives all money of a payment back.</summary>
    /// <param name="requestId">The request, for the metadata and as the idempotency key.</param>
    /// <param name="intentId">The payment.</param>
    /// <param name="userId">Whose payment, for the metadata.</param>
    Task<ProviderRefund> RefundAsync(Guid requestId, string intentId, string userId);

    /// <summary>A refund as it is now.</summary>
    Task<ProviderRefund> FindRefundAsync(string refundId);

    /// <summary>The refunds of a payment.</summary>
    Task<IReadOnlyList<ProviderRefund>> RefundsAsync(string intentId);

    /// <summary>A dispute as it is now.</summary>
    Task<ProviderDispute> FindDisputeAsync(string disputeId);

    /// <summary>Accepts a dispute, which is lost by it.</summary>
    Task CloseDisputeAsync(string disputeId);

    /// <summary>Submits what speaks against a dispute.</summary>
    Task ContestDisputeAsync(string disputeId, DisputeEvidence evidence);
}

/// <summary>A checkout that is to be made.</summary>
/// <param name="PaymentId">The payment, for the metadata and as the idempotency key.</param>
/// <param name="UserId">Who pays, for the metadata.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Credits">Credits, which are cents.</param>
/// <param name="SuccessUrl">Where the user goes when he has paid.</param>
/// <param name="CancelUrl">Where he goes when he has not.</param>
internal sealed record NewCheckout(Guid PaymentId, string UserId, string CustomerId, long Credits, string SuccessUrl, string CancelUrl);

/// <summary>A checkout.</summary>
/// <param name="Id">The session.</param>
/// <param name="PaymentId">The payment that it names, or null.</param>
/// <param name="Url">The page; null once it is closed.</param>
/// <param name="IsPaid">Whether the money is there, or none is needed.</param>
/// <param name="IsExpired">Whether it can no longer be paid.</param>
/// <param name="IntentId">The payment intent; null when nothing had to be paid.</param>
internal sealed record ProviderCheckout(string Id, Guid? PaymentId, string? Url, bool IsPaid, bool IsExpired, string? IntentId);

/// <summary>A charge or a check of a saved card.</summary>
/// <param name="PaymentId">The payment, for the metadata.</param>
/// <param name="UserId">Who pays, for the metadata.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="CardId">The card; with the payment it makes the idempotency key.</param>
/// <param name="Credits">Credits, which are cents; 0 for a check.</param>
internal sealed record CardPayment(Guid PaymentId, string UserId, string CustomerId, string CardId, long Credits);

/// <summary>A payment over a card, or the check of one.</summary>
/// <param name="Id">The intent.</param>
/// <param name="PaymentId">The payment that it names, or null.</param>
/// <param name="State">How far it is.</param>
/// <param name="Failure">Why it failed; null when it has not.</param>
internal sealed record ProviderPayment(string Id, Guid? PaymentId, ProviderState State, string? Failure)
{
    /// <summary>Cents, which are credits; 0 for a check. Less than the credits where a promotion was used.</summary>
    public long Amount { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How far a payment or a refund is at the provider.</summary>
internal enum ProviderState
{
    /// <summary>The money has not moved yet, and may.</summary>
    UnderWay,

    /// <summary>The money has moved.</summary>
    Succeeded,

    /// <summary>The money does not move.</summary>
    Failed,
}

/// <summary>A refund.</summary>
/// <param name="Id">The refund.</param>
/// <param name="RequestId">The request that it names, or null.</param>
/// <param name="IntentId">The payment, or null.</param>
/// <param name="Amount">Cents, which are credits.</param>
/// <param name="State">How far it is.</param>
/// <param name="Failure">Why it failed; null when it has not.</param>
internal sealed record ProviderRefund(string Id, Guid? RequestId, string? IntentId, long Amount, ProviderState State, string? Failure)
{
    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A dispute: a customer has asked the bank for money back.</summary>
/// <param name="Id">The dispute.</param>
/// <param name="Amount">Cents, which are credits.</param>
/// <param name="IsLost">Whether the money went back.</param>
/// <param name="NeedsAnswer">Whether it waits for an answer.</param>
internal sealed record ProviderDispute(string Id, long Amount, bool IsLost, bool NeedsAnswer);

/// <summary>What speaks against a dispute.</summary>
/// <param name="Product">What was sold.</param>
/// <param name="CustomerEmail">The mail address of the customer, or null.</param>
/// <param name="Text">The use that was made of it; at most 20,000 characters.</param>
internal sealed record DisputeEvidence(string Product, string? CustomerEmail, string Text);

/// <summary>The provider refuses a call; nothing was done.</summary>
/// <param name="message">Why, for the user.</param>
/// <param name="isCard">Whether it is the card that is refused, so that another one may do.</param>
/// <param name="cause">The error of the library.</param>
internal sealed class ProviderRefusalException(string message, bool isCard, Exception? cause) : Exception(message, cause)
{
    /// <summary>Whether it is the card that is refused.</summary>
    public bool IsCard => isCard;
}

/// <summary>The provider did not answer, or with an error of its own; whether the call was done is not known.</summary>
/// <param name="message">What happened, without secrets.</param>
/// <param name="cause">The error of the library.</param>
internal sealed class ProviderAwayException(string message, Exception? cause) : Exception(message, cause)
{
    /// <summary>How long the provider asks to wait before the call is repeated; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether repeating the call is of no use, because its answer was stored.</summary>
    public bool IsFinal { get; init; }
}
