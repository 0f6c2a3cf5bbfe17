using Grainflow.Storage.Notifications;

namespace Grainflow.Storage.Billing;

/// <summary>Payments, the customers of the payment provider, and refund requests.</summary>
public interface IPaymentStore
{
    /// <summary>Stores a payment that is new.</summary>
    /// <param name="payment">The payment, pending.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is stored, when a payment has its id or its key, or another payment over saved cards of the user is pending.</returns>
    Task<bool> AddAsync(PaymentRow payment, CancellationToken cancellationToken);

    /// <summary>Stores what has become of a payment. A fulfilled one does not change any more.</summary>
    /// <param name="payment">The payment as it is now.</param>
    /// <param name="events">What is to be told of it, written in the same transaction.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The events that are new; null when the payment was fulfilled before, and nothing was written.</returns>
    Task<IReadOnlyList<NotificationEvent>?> SaveAsync(PaymentRow payment, IReadOnlyList<NotificationEvent> events, CancellationToken cancellationToken);

    /// <summary>The payment of an id, or null.</summary>
    /// <param name="id">The payment.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<PaymentRow?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The payment that has one of some ids as its session or intent, or null.</summary>
    /// <param name="references">Ids of the provider.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<PaymentRow?> FindByReferenceAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken);

    /// <summary>The pending payments of a user, newest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<PaymentRow>> PendingAsync(string userId, CancellationToken cancellationToken);

    /// <summary>Users who have a payment or a refund request that is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many users at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<string>> DueUsersAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>The customer of a user, or null.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<string?> FindCustomerAsync(string userId, CancellationToken cancellationToken);

    /// <summary>Stores the customer of a user, unless there is one.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="customerId">The customer.</param>
    /// <param name="at">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The stored customer.</returns>
    Task<string> AddCustomerAsync(string userId, string customerId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Stores a refund request, unless there is one for its transaction.</summary>
    /// <param name="request">The request.</param>
    /// <param name="events">What is to be told of it, written in the same transaction.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The events that are new; null when there is a request for the transaction, and nothing was written.</returns>
    Task<IReadOnlyList<NotificationEvent>?> AddRefundAsync(RefundRow request, IReadOnlyList<NotificationEvent> events, CancellationToken cancellationToken);

    /// <summary>Stores what has become of a refund, of which there may be no request.</summary>
    /// <param name="request">The request as it is now; null when the refund was not asked for here.</param>
    /// <param name="events">What is to be told of it, written in the same transaction.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The events that are new.</returns>
    Task<IReadOnlyList<NotificationEvent>> SaveRefundAsync(RefundRow? request, IReadOnlyList<NotificationEvent> events, CancellationToken cancellationToken);

    /// <summary>The refund request for a transaction, or null.</summary>
    /// <param name="userId">Whose transaction.</param>
    /// <param name="transactionKey">The key of the top-up.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<RefundRow?> FindRefundAsync(string userId, string transactionKey, CancellationToken cancellationToken);

    /// <summary>The refund requests of a user, newest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<RefundRow>> RefundsAsync(string userId, int limit, CancellationToken cancellationToken);
}

/// <summary>The inbox of Stripe's events.</summary>
public interface IStripeEventStore
{
    /// <summary>Stores an event unless it is there.</summary>
    /// <param name="received">The event, not processed.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The event as it is stored.</returns>
    Task<StripeEventRow> AddAsync(StripeEventRow received, CancellationToken cancellationToken);

    /// <summary>The event of an id, or null.</summary>
    /// <param name="id">Stripe's id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<StripeEventRow?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Stores how an attempt at an event has ended. An event that was processed does not change any more.</summary>
    /// <param name="tried">The event as it is now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task SaveAsync(StripeEventRow tried, CancellationToken cancellationToken);

    /// <summary>Events that are due to be tried again, oldest first.</summary>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<StripeEventRow>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes events that were processed before a time.</summary>
    /// <param name="before">The time.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteProcessedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
