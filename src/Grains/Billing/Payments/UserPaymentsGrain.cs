using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Billing.Payments;

/// <inheritdoc cref="IUserPaymentsGrain"/>
/// <remarks>
/// Not reentrant, so that the operations of a user come one after the other. It holds no state: a second activation, as after a silo was lost, is kept apart by the unique
/// keys of the database and the idempotency keys of the provider.
/// </remarks>
[PreferLocalPlacement, StayingSilos]
internal sealed partial class UserPaymentsGrain(
    IPaymentStore store, IPaymentProvider provider, PaymentBooks books, Checkouts checkouts, CardPayments cards, Refunds refunds, PaymentEvents events, IOptions<PaymentOptions> options,
    IOptions<GrainflowOptions> grainflow, ILogger<UserPaymentsGrain> logger)
    : Grain, IUserPaymentsGrain
{
    private const string CreditsAreOff = "Credits are switched off on this server: ENABLE_CREDIT is false, so there is nothing to buy.";

    private string UserId => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public Task<PaymentAnswer> StartCheckout(Guid paymentId, long credits) => AnswerAsync(needsPage: true, async () => Done(await checkouts.StartAsync(UserId, paymentId, credits)));

    /// <inheritdoc/>
    public async Task<PaymentAnswer> FulfilCheckout()
    {
        if ((await store.PendingAsync(UserId, CancellationToken.None)).FirstOrDefault(payment => payment is { Kind: PaymentKind.Checkout, SessionId: not null }) is not { } newest) return Done(null);
        return await AnswerAsync(needsPage: false, async () =>
        {
            await checkouts.LookAsync(newest);
            return Done(null);
        });
    }

    /// <inheritdoc/>
    public async Task<PaymentAnswer> ConfigureAutoTopUp(Guid paymentId, AutoTopUp config)
    {
        if (config.Threshold == 0)
        {
            await books.Wallet(UserId).SetAutoTopUp(config);
            return Done(null);
        }

        return await AnswerAsync(needsPage: false, async () => await cards.ConfigureAsync(UserId, paymentId, config) switch
        {
            { Status: PaymentStatus.Fulfilled } => Done(null),
            { Status: PaymentStatus.Failed } failed => new PaymentAnswer { Outcome = PaymentOutcome.Refused, Reason = failed.Reason },
            _ => throw new ProviderAwayException("A payment is under way; try again in a moment.", cause: null),
        });
    }

    /// <inheritdoc/>
    public async Task TopUpAutomatically(Guid? runId)
    {
        if (provider.Missing is not null) return;
        try
        {
            await cards.TopUpAsync(UserId, runId);
        }
        catch (Exception exception)
        {
            // The charge that is the reason has succeeded. The payment, if there is one, stays pending and is gone on with.
            NotToppedUp(exception);
        }
    }

    /// <inheritdoc/>
    public Task<PaymentAnswer> OpenPortal() => AnswerAsync(needsPage: true, async () => Done(await provider.CreatePortalAsync(await books.CustomerAsync(UserId), options.Value.CreditsPage!)));

    /// <inheritdoc/>
    public Task<PaymentAnswer> RequestRefund(Guid requestId, string transactionKey, string reason) =>
        AnswerAsync(needsPage: false, () => refunds.RequestAsync(UserId, requestId, transactionKey, reason));

    /// <inheritdoc/>
    public async Task Resume()
    {
        if (provider.Missing is not null) return;
        foreach (var payment in await store.PendingAsync(UserId, CancellationToken.None))
        {
            if (payment.DueAt > books.Now) continue;
            try
            {
                if (payment.Kind == PaymentKind.Checkout) await checkouts.LookAsync(payment);
                else await cards.ResumeAsync(payment);
            }
            catch (Exception exception)
            {
                NotResumed(exception, payment.Id);
                await books.PostponeAsync(payment);
            }
        }

        await refunds.ResumeAsync(UserId);
    }

    /// <inheritdoc/>
    public Task<bool> ProcessEvent(string eventId, Guid paymentId) => events.ProcessForUserAsync(eventId, paymentId);

    private static PaymentAnswer Done(string? url) => new() { Outcome = PaymentOutcome.Done, Url = url };

    /// <summary>Asks the provider, and turns what goes wrong into an answer.</summary>
    private async Task<PaymentAnswer> AnswerAsync(bool needsPage, Func<Task<PaymentAnswer>> ask)
    {
        var missing = !grainflow.Value.EnableCredit ? CreditsAreOff : provider.Missing ?? (needsPage && options.Value.CreditsPage is null ? Checkouts.NoBaseUrl : null);
        if (missing is not null) return new PaymentAnswer { Outcome = PaymentOutcome.NotConfigured, Reason = missing };
        try
        {
            return await ask();
        }
        catch (ProviderRefusalException refusal)
        {
            return new PaymentAnswer { Outcome = PaymentOutcome.Refused, Reason = refusal.Message };
        }
        catch (ProviderAwayException away)
        {
            return new PaymentAnswer { Outcome = PaymentOutcome.Unavailable, Reason = away.Message };
        }
    }

    [LoggerMessage(2656, LogLevel.Warning, "An automatic payment was interrupted; it is gone on with by the next charge or by the task of pending payments.")]
    private partial void NotToppedUp(Exception exception);

    [LoggerMessage(2657, LogLevel.Warning, "What became of the payment {Payment} could not be found out; it is tried again.")]
    private partial void NotResumed(Exception exception, Guid payment);
}
