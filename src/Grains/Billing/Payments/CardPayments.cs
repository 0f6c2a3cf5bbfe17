using System.Globalization;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Storage.Billing;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>
/// Payments over saved cards while their owner is away (contract: semantics 3.7). The row is written before the provider is asked, and the calls have idempotency keys made from
/// it, so that a payment that a crash or a lost answer has interrupted is gone on with and charges nobody twice.
/// </summary>
internal sealed class CardPayments(IPaymentStore store, IPaymentProvider provider, PaymentBooks books, IIdSource ids)
{
    /// <summary>What a user without a card is told.</summary>
    public const string NoCard = "No payment method found, please add it on the platform.";

    /// <summary>What a user is told of whom no card was accepted.</summary>
    public const string NoneAccepted = "Out of payment methods to try.";

    /// <summary>After this time a call that was not answered is over at the provider too, so that a payment which it does not list was not made.</summary>
    private static readonly TimeSpan UnknownAfter = TimeSpan.FromMinutes(15);

    /// <summary>How much earlier the provider's clock may be than this one's.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(10);

    /// <summary>Buys credits when the balance is below the threshold.</summary>
    /// <param name="userId">Whose balance.</param>
    /// <param name="runId">The run whose charge was the reason, or null.</param>
    public async Task TopUpAsync(string userId, Guid? runId)
    {
        if (await WantedAsync(userId) is null) return;
        if (await ResumeOpenAsync(userId) is { Status: PaymentStatus.Pending } || await WantedAsync(userId) is not { } config) return;
        var attempt = runId?.ToString() ?? books.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var payment = books.New(ids.NewId(), userId, PaymentKind.Automatic, config.Credits, $"AUTO-TOP-UP-{userId}-{attempt}");
        if (await store.AddAsync(payment, CancellationToken.None)) await PayAsync(payment);
    }

    /// <summary>Sets up the automatic top-up, after a payment or the check of a card.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="paymentId">The payment.</param>
    /// <param name="config">The setting, with a threshold of 1 or more.</param>
    /// <returns>The payment; the setting is stored when it is fulfilled.</returns>
    public async Task<PaymentRow> ConfigureAsync(string userId, Guid paymentId, AutoTopUp config)
    {
        if (await ResumeOpenAsync(userId) is { Status: PaymentStatus.Pending } open) return open;
        var payment = await store.FindAsync(paymentId, CancellationToken.None);
        if (payment is null)
        {
            var buys = config.Credits > 0 && await books.Wallet(userId).GetBalance() < config.Threshold;
            payment = books.New(paymentId, userId, buys ? PaymentKind.Configured : PaymentKind.CardCheck, buys ? config.Credits : 0);
            if (!await store.AddAsync(payment, CancellationToken.None)) throw new ProviderAwayException("Another payment is under way.", cause: null);
            payment = await PayAsync(payment);
        }
        else if (payment is { Status: PaymentStatus.Pending, Kind: PaymentKind.CardCheck })
        {
            payment = await PayAsync(payment);
        }

        if (payment.Status == PaymentStatus.Fulfilled) await books.Wallet(userId).SetAutoTopUp(config);
        return payment;
    }

    /// <summary>Finds out what became of a payment that was interrupted, and goes on with it where nothing did.</summary>
    public async Task<PaymentRow> ResumeAsync(PaymentRow payment)
    {
        if (payment.Status == PaymentStatus.Fulfilled) return payment;
        // No money moves by a check; its user has got an error and repeats it.
        if (payment.Kind == PaymentKind.CardCheck) return payment.Status == PaymentStatus.Failed ? payment : await books.FailAsync(payment, "The check was interrupted.");
        var made = await MadeAsync(payment);
        if (made.Find(one => one.State == ProviderState.Succeeded) is { } paid) return await books.FulfilAsync(payment, paid.Id, paid.Id);
        if (payment.Status == PaymentStatus.Failed) return payment;
        if (made.Find(one => one.State == ProviderState.UnderWay) is { } underWay) return await books.PostponeAsync(payment with { IntentId = underWay.Id });
        if (books.Now - payment.CreatedAt > UnknownAfter) return await books.FailAsync(payment, made.Select(one => one.Failure).LastOrDefault(failure => failure is not null) ?? "The provider did not answer.");
        return await PayAsync(payment);
    }

    /// <summary>Records what became of one intent of a payment. That one card was refused says nothing while others are still tried.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="intentId">The intent.</param>
    public async Task SettleAsync(PaymentRow payment, string intentId)
    {
        if (payment.Status == PaymentStatus.Fulfilled) return;
        var made = await provider.FindPaymentAsync(intentId);
        if (made.PaymentId != payment.Id) throw new InvalidOperationException($"The payment intent {intentId} does not name the payment {payment.Id}.");
        if (made.State == ProviderState.Succeeded) await books.FulfilAsync(payment, made.Id, made.Id);
        else if (made.State == ProviderState.Failed && payment.Status == PaymentStatus.Pending && payment.IntentId == intentId) await books.FailAsync(payment, made.Failure ?? NoneAccepted);
    }

    /// <summary>The setting, when it is on and the balance is below its threshold; else null.</summary>
    private async Task<AutoTopUp?> WantedAsync(string userId)
    {
        var wallet = books.Wallet(userId);
        var config = await wallet.GetAutoTopUp();
        return config is { Threshold: > 0, Credits: > 0 } && await wallet.GetBalance() < config.Threshold ? config : null;
    }

    /// <summary>Resumes the payment of a user that is open; there is at most one.</summary>
    private async Task<PaymentRow?> ResumeOpenAsync(string userId)
    {
        var open = (await store.PendingAsync(userId, CancellationToken.None)).FirstOrDefault(payment => payment.Kind is PaymentKind.Automatic or PaymentKind.Configured);
        return open is null ? null : await ResumeAsync(open);
    }

    /// <summary>What the provider has of a payment, whatever cards the customer has now.</summary>
    private async Task<List<ProviderPayment>> MadeAsync(PaymentRow payment)
    {
        var customer = await books.CustomerAsync(payment.UserId);
        return [.. (await provider.PaymentsAsync(customer, payment.CreatedAt - ClockDifference)).Where(made => made.PaymentId == payment.Id)];
    }

    /// <summary>Tries the saved cards in turn.</summary>
    private async Task<PaymentRow> PayAsync(PaymentRow payment)
    {
        try
        {
            var customer = await books.CustomerAsync(payment.UserId);
            var cards = await provider.CardsAsync(customer);
            if (cards.Count == 0) return await books.FailAsync(payment, NoCard);
            var last = "";
            foreach (var card in cards)
            {
                var (made, failure) = await TryAsync(payment, new CardPayment(payment.Id, payment.UserId, customer, card, payment.Credits));
                if (made is { State: ProviderState.Succeeded }) return await books.FulfilAsync(payment, made.Id, made.Id);
                if (made is { State: ProviderState.UnderWay }) return await books.PostponeAsync(payment with { IntentId = made.Id });
                last = failure;
            }

            return await books.FailAsync(payment, last.Length > 0 ? $"{NoneAccepted} The last one: {last}" : NoneAccepted);
        }
        catch (ProviderRefusalException refusal)
        {
            return await books.FailAsync(payment, refusal.Message);
        }
        catch (ProviderAwayException) when (payment.Kind == PaymentKind.CardCheck)
        {
            await books.FailAsync(payment, "The provider did not answer.");
            throw;
        }
        catch (ProviderAwayException)
        {
            // The card may have been charged; another one is not tried before that is known.
            await books.PostponeAsync(payment);
            throw;
        }
    }

    private async Task<(ProviderPayment? Made, string Failure)> TryAsync(PaymentRow payment, CardPayment card)
    {
        try
        {
            var made = payment.Kind == PaymentKind.CardCheck ? await provider.CheckCardAsync(card) : await provider.PayAsync(card);
            return (made, made.Failure ?? "");
        }
        catch (ProviderRefusalException refusal) when (refusal.IsCard)
        {
            return (null, refusal.Message);
        }
    }
}
