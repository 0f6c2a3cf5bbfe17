using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>
/// Processes the events of Stripe. An event only says where to look: what it is about is read from Stripe as it is now, so that repeated, late and reordered events
/// change nothing.
/// </summary>
internal sealed partial class PaymentEvents(
    IStripeEventStore inbox, IPaymentStore store, IPaymentProvider provider, StripeWebhook webhook, Checkouts checkouts, CardPayments cards, Refunds refunds, IGrainFactory grains, TimeProvider clock,
    ILogger<PaymentEvents> logger)
{
    private const string DisputeOpened = "charge.dispute.created";
    private const string DisputeClosed = "charge.dispute.closed";

    private static readonly string[] Checkout = ["checkout.session.completed", "checkout.session.async_payment_succeeded"];
    private static readonly string[] Card = ["payment_intent.succeeded", "payment_intent.payment_failed"];
    private static readonly string[] Refund = ["refund.created", "refund.updated", "refund.failed"];
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Checks, stores and processes an event that was received.</summary>
    /// <param name="payload">The body as it came.</param>
    /// <param name="signature">The header <c>Stripe-Signature</c>, or null.</param>
    public async Task<StripeReceipt> ReceiveAsync(string payload, string? signature)
    {
        if ((webhook.Missing ?? provider.Missing) is { } missing) return new StripeReceipt { Outcome = PaymentOutcome.NotConfigured, Reason = missing };
        StripeEventRow received;
        try
        {
            received = webhook.Read(payload, signature);
        }
        catch (FormatException exception)
        {
            return new StripeReceipt { Outcome = PaymentOutcome.Refused, Reason = exception.Message };
        }

        if (!Handles(received.Type)) return new StripeReceipt { Outcome = PaymentOutcome.Done };
        received = await inbox.AddAsync(received, CancellationToken.None);
        return await ProcessAsync(received) ? new StripeReceipt { Outcome = PaymentOutcome.Done } : new StripeReceipt { Outcome = PaymentOutcome.Unavailable, Reason = "The event is stored and could not be processed yet; it is tried again." };
    }

    /// <summary>Finds whom an event is about, and has the grain of that user process it.</summary>
    /// <returns>Whether it is processed.</returns>
    public async Task<bool> ProcessAsync(StripeEventRow received)
    {
        if (received.ProcessedAt is not null) return true;
        PaymentRow? payment;
        try
        {
            payment = await FindPaymentAsync(received);
        }
        catch (ProviderRefusalException refusal)
        {
            return await EndAsync(received, refusal.Message);
        }
        catch (ProviderAwayException away)
        {
            return await PostponeAsync(received, away);
        }

        return payment is null ? await EndAsync(received, "It is about nothing that was bought here.") : await grains.GetGrain<IUserPaymentsGrain>(payment.UserId).ProcessEvent(received.Id, payment.Id);
    }

    /// <summary>Processes an event. It is called by the grain of the user, so that events of one user are processed one after the other.</summary>
    /// <param name="eventId">The event, which is in the inbox.</param>
    /// <param name="paymentId">The payment that it is about.</param>
    /// <returns>Whether it is processed.</returns>
    public async Task<bool> ProcessForUserAsync(string eventId, Guid paymentId)
    {
        if (await inbox.FindAsync(eventId, CancellationToken.None) is not { ProcessedAt: null } received) return true;
        if (await store.FindAsync(paymentId, CancellationToken.None) is not { } payment) return await EndAsync(received, "Its payment is not known.");
        try
        {
            return await EndAsync(received, await ApplyAsync(received, payment));
        }
        catch (ProviderRefusalException refusal)
        {
            return await EndAsync(received, refusal.Message);
        }
        catch (Exception exception)
        {
            return await PostponeAsync(received, exception);
        }
    }

    private static bool Handles(string type) => Checkout.Contains(type) || Card.Contains(type) || Refund.Contains(type) || type is DisputeOpened or DisputeClosed;

    /// <summary>Does what an event asks for.</summary>
    /// <returns>Null, or why nothing was done and never will be.</returns>
    private async Task<string?> ApplyAsync(StripeEventRow received, PaymentRow payment)
    {
        if (Checkout.Contains(received.Type))
        {
            // Without a payment, as when a delayed one has only begun, another event follows.
            await checkouts.LookAsync(payment, received.ObjectId);
            return null;
        }

        if (Card.Contains(received.Type))
        {
            // Checkouts have events of their own.
            if (payment.Kind != PaymentKind.Checkout) await cards.SettleAsync(payment, received.ObjectId);
            return null;
        }

        if (received.Type == DisputeOpened)
        {
            await refunds.DisputedAsync(await RequireFulfilledAsync(payment), received.ObjectId);
            return null;
        }

        if (received.Type == DisputeClosed)
        {
            var dispute = await provider.FindDisputeAsync(received.ObjectId);
            return dispute.IsLost ? await refunds.DeductAsync(await RequireFulfilledAsync(payment), dispute.Id, dispute.Amount) : null;
        }

        return await refunds.SettleAsync(await RequireFulfilledAsync(payment), await provider.FindRefundAsync(received.ObjectId));
    }

    /// <summary>A payment whose credits are in the ledger, also when the event of its success has not come yet.</summary>
    private async Task<PaymentRow> RequireFulfilledAsync(PaymentRow payment)
    {
        if (payment.Status != PaymentStatus.Fulfilled) payment = payment.Kind == PaymentKind.Checkout ? await checkouts.LookAsync(payment) : await cards.ResumeAsync(payment);
        return payment.Status == PaymentStatus.Fulfilled ? payment : throw new InvalidOperationException($"The payment {payment.Id} is not fulfilled yet.");
    }

    /// <summary>The payment of an event: by the id that the object names, by the ids that are known here, or by the id in the payment intent at Stripe.</summary>
    private async Task<PaymentRow?> FindPaymentAsync(StripeEventRow received)
    {
        if (received.PaymentId is { } id && await store.FindAsync(id, CancellationToken.None) is { } named) return named;
        if (await store.FindByReferenceAsync(received.IntentId is { } known ? [received.ObjectId, known] : [received.ObjectId], CancellationToken.None) is { } found) return found;
        return received.IntentId is { } intent && (await provider.FindPaymentAsync(intent)).PaymentId is { } inIntent ? await store.FindAsync(inIntent, CancellationToken.None) : null;
    }

    private async Task<bool> EndAsync(StripeEventRow received, string? error)
    {
        await inbox.SaveAsync(received with { ProcessedAt = clock.GetUtcNow(), Error = error, DueAt = null }, CancellationToken.None);
        if (error is not null) Dropped(received.Id, received.Type, error);
        return true;
    }

    private async Task<bool> PostponeAsync(StripeEventRow received, Exception reason)
    {
        NotProcessed(reason, received.Id, received.Type);
        var pause = TimeSpan.FromMinutes(Math.Min(Math.Pow(2, received.Attempts), LongestPause.TotalMinutes));
        await inbox.SaveAsync(received with { Attempts = received.Attempts + 1, Error = reason.Message, DueAt = clock.GetUtcNow() + pause }, CancellationToken.None);
        return false;
    }

    [LoggerMessage(2654, LogLevel.Information, "The event {EventId} of Stripe ({Type}) changes nothing: {Reason}")]
    private partial void Dropped(string eventId, string type, string reason);

    [LoggerMessage(2655, LogLevel.Warning, "The event {EventId} of Stripe ({Type}) could not be processed; it is tried again.")]
    private partial void NotProcessed(Exception exception, string eventId, string type);
}
