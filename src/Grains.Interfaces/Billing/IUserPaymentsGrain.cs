namespace Grainflow.Grains.Interfaces.Billing;

/// <summary>
/// The payments of one user; the key is the user id. Everything that it knows is in the database; it makes the operations of a user one at a time, so that one automatic
/// payment runs at once.
/// </summary>
[Alias("grainflow.IUserPaymentsGrain")]
public interface IUserPaymentsGrain : IGrainWithStringKey
{
    /// <summary>Opens a page of the payment provider on which the user buys credits (contract: semantics 3.7).</summary>
    /// <param name="paymentId">The payment; the same for a request that is repeated.</param>
    /// <param name="credits">500 or more, a multiple of 100.</param>
    /// <returns>Done with the address of the page, or why there is none.</returns>
    [Alias("StartCheckout"), ResponseTimeout("00:03:00")]
    Task<PaymentAnswer> StartCheckout(Guid paymentId, long credits);

    /// <summary>Asks the provider whether the newest pending checkout was paid, and if so adds its credits. It does nothing when there is none.</summary>
    [Alias("FulfilCheckout"), ResponseTimeout("00:03:00")]
    Task<PaymentAnswer> FulfilCheckout();

    /// <summary>
    /// Sets up the automatic top-up. It buys the amount at once when the balance is below the threshold, else it checks a saved card; with a threshold of 0 it does neither
    /// (contract: semantics 3.7).
    /// </summary>
    /// <param name="paymentId">The payment; the same for a request that is repeated.</param>
    /// <param name="config">The setting; checked by the caller.</param>
    [Alias("ConfigureAutoTopUp"), ResponseTimeout("00:03:00")]
    Task<PaymentAnswer> ConfigureAutoTopUp(Guid paymentId, AutoTopUp config);

    /// <summary>
    /// Buys credits over the saved cards when the balance is below the threshold, and does nothing else when it is not, when the top-up is off, or when a payment of
    /// this run has failed. What goes wrong is stored and told to the user, not thrown. The caller does not wait for it, and need not call while an earlier call is under way.
    /// </summary>
    /// <param name="runId">The run whose charge left less than the threshold; null when it was no run's.</param>
    [Alias("TopUpAutomatically"), ResponseTimeout("00:03:00")]
    Task TopUpAutomatically(Guid? runId);

    /// <summary>Opens a page of the provider on which the user manages his cards.</summary>
    /// <returns>Done with the address of the page, or why there is none.</returns>
    [Alias("OpenPortal"), ResponseTimeout("00:03:00")]
    Task<PaymentAnswer> OpenPortal();

    /// <summary>Asks for the money of a top-up back: at once for a small one, else an administrator decides (decision 12).</summary>
    /// <param name="requestId">The request; the same for a request that is repeated.</param>
    /// <param name="transactionKey">The key of the top-up in the ledger.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <returns>Done with the credits that were given back, 0 when an administrator decides or the provider has not answered yet; NotFound when the user has no such top-up.</returns>
    [Alias("RequestRefund"), ResponseTimeout("00:03:00")]
    Task<PaymentAnswer> RequestRefund(Guid requestId, string transactionKey, string reason);

    /// <summary>Asks the provider what became of the pending payments and refunds that are due, such as those that a crash has interrupted.</summary>
    [Alias("Resume"), ResponseTimeout("00:05:00")]
    Task Resume();

    /// <summary>Processes an event of the inbox that is about a payment of this user. A processed one changes nothing.</summary>
    /// <param name="eventId">Stripe's id of the event.</param>
    /// <param name="paymentId">The payment that it is about.</param>
    /// <returns>Whether it is processed. If not, it stays in the inbox and is tried again.</returns>
    [Alias("ProcessEvent"), ResponseTimeout("00:03:00")]
    Task<bool> ProcessEvent(string eventId, Guid paymentId);
}

/// <summary>Receives the events that Stripe sends. Every silo has activations of its own; the key is 0.</summary>
[Alias("grainflow.IStripeEventsGrain")]
public interface IStripeEventsGrain : IGrainWithIntegerKey
{
    /// <summary>Checks the signature of an event, stores it in the inbox, and processes it.</summary>
    /// <param name="payload">The body of the request as it came.</param>
    /// <param name="signature">The header <c>Stripe-Signature</c>, or null.</param>
    [Alias("Receive"), ResponseTimeout("00:04:00")]
    Task<StripeReceipt> Receive(string payload, string? signature);
}

/// <summary>What becomes of an event that was received.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.StripeReceipt")]
public sealed record StripeReceipt
{
    /// <summary>Done when it need not be sent again; Refused for a body or a signature that is wrong; Unavailable when it is to be sent again.</summary>
    [Id(0)]
    public required PaymentOutcome Outcome { get; init; }

    /// <summary>Why it was not processed; null when it was.</summary>
    [Id(1)]
    public string? Reason { get; init; }
}

/// <summary>What came of something that was asked of the payment provider.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.PaymentAnswer")]
public sealed record PaymentAnswer
{
    /// <summary>Whether it was done.</summary>
    [Id(0)]
    public required PaymentOutcome Outcome { get; init; }

    /// <summary>The page that the user opens next; null when there is none.</summary>
    [Id(1)]
    public string? Url { get; init; }

    /// <summary>The credits of it; 0 when it has none.</summary>
    [Id(2)]
    public long Credits { get; init; }

    /// <summary>Why it was not done, for the user; null when it was.</summary>
    [Id(3)]
    public string? Reason { get; init; }
}

/// <summary>Whether something that was asked of the payment provider was done.</summary>
[GenerateSerializer, Alias("grainflow.PaymentOutcome")]
public enum PaymentOutcome
{
    /// <summary>It was, now or before.</summary>
    Done = 0,

    /// <summary>It was not: the rules or the provider refuse it.</summary>
    Refused = 1,

    /// <summary>It was not: the user has no such transaction.</summary>
    NotFound = 2,

    /// <summary>It was not: a setting of the server is missing.</summary>
    NotConfigured = 3,

    /// <summary>It is not known: the provider has not answered. What it did is found out later.</summary>
    Unavailable = 4,
}
