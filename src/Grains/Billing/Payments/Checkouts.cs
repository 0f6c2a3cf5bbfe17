using Grainflow.Storage.Billing;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>Payments that users make on pages of the provider (contract: semantics 3.7).</summary>
internal sealed class Checkouts(IPaymentStore store, IPaymentProvider provider, PaymentBooks books, IOptions<PaymentOptions> options)
{
    /// <summary>What is missing for links to pages of ours.</summary>
    public const string NoBaseUrl = "Payments are not set up on this server: FRONTEND_BASE_URL is not set, so users cannot be led back to it.";

    /// <summary>After this time a checkout of which no session is known has none: nobody has its page.</summary>
    private static readonly TimeSpan UnknownAfter = TimeSpan.FromHours(1);

    /// <summary>Opens a page on which credits are bought.</summary>
    /// <returns>The address of the page.</returns>
    /// <exception cref="ProviderRefusalException">The payment was made before and is over.</exception>
    public async Task<string> StartAsync(string userId, Guid paymentId, long credits)
    {
        var page = options.Value.CreditsPage!;
        var payment = books.New(paymentId, userId, PaymentKind.Checkout, credits);
        if (!await store.AddAsync(payment, CancellationToken.None))
        {
            // A request that is repeated: the provider answers it as before.
            if (await store.FindAsync(paymentId, CancellationToken.None) is not { Status: PaymentStatus.Pending } known || known.UserId != userId)
                throw new ProviderRefusalException("This checkout is over; start another one.", isCard: false, cause: null);
            payment = known;
        }

        try
        {
            var customer = await books.CustomerAsync(userId);
            var made = await provider.CreateCheckoutAsync(new NewCheckout(paymentId, userId, customer, payment.Credits, page + "?topup=success", page + "?topup=cancel"));
            await store.SaveAsync(payment with { SessionId = made.Id, TransactionKey = made.Id, UpdatedAt = books.Now }, [], CancellationToken.None);
            return made.Url ?? throw new ProviderRefusalException("This checkout is over; start another one.", isCard: false, cause: null);
        }
        catch (ProviderRefusalException refusal)
        {
            await books.FailAsync(payment, refusal.Message);
            throw;
        }
    }

    /// <summary>Asks the provider what became of a checkout. Money that has come is added to the ledger, also after the checkout had been given up.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="sessionId">The session that an event names, or null.</param>
    public async Task<PaymentRow> LookAsync(PaymentRow payment, string? sessionId = null)
    {
        if (payment.Status == PaymentStatus.Fulfilled) return payment;
        if ((payment.SessionId ?? sessionId) is not { } known)
            return books.Now - payment.CreatedAt > UnknownAfter ? await books.FailAsync(payment, "The provider has not opened a page for it.") : await books.PostponeAsync(payment);

        var checkout = await provider.FindCheckoutAsync(known);
        if (checkout.PaymentId != payment.Id) throw new InvalidOperationException($"The checkout session {known} does not name the payment {payment.Id}.");
        payment = payment with { SessionId = known };
        if (checkout.IsPaid) return await books.FulfilAsync(payment, checkout.IntentId ?? known, checkout.IntentId);
        if (payment.Status == PaymentStatus.Failed) return payment;
        return checkout.IsExpired ? await books.FailAsync(payment, "The page was not used before it expired.") : await books.PostponeAsync(payment with { TransactionKey = known });
    }
}
