using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Grainflow.Engine.Monitoring;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Notifications;
using Grainflow.Storage.Users;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>Money that goes back, because a user asks for it or his bank does (contract: semantics 3.8, decisions 10, 12 and 18).</summary>
internal sealed partial class Refunds(
    IPaymentStore store, ILedgerStore ledger, IUserStore users, IPaymentProvider provider, PaymentBooks books, IOptions<PaymentOptions> options, ILogger<Refunds> logger)
{
    /// <summary>Top-ups of this many credits and more are given back by an administrator only (decision 12).</summary>
    public const long ByAdministratorFrom = 1000;

    /// <summary>The type of the notification that an administrator has to decide (contract: semantics 6.1).</summary>
    public const string RequestType = "REFUND_REQUEST";

    /// <summary>The type of the notification that money went back (contract: semantics 6.1).</summary>
    public const string ProcessedType = "REFUND_PROCESSED";

    /// <summary>The type of the notification that money did not go back; the contract has none for it.</summary>
    public const string FailedType = "REFUND_FAILED";

    private const int MostEvidence = 20_000;
    private const int MostTransactions = 1000;

    private static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(2);

    /// <summary>After this time a refund that was not answered, and that the provider does not list, was not made.</summary>
    private static readonly TimeSpan UnknownAfter = TimeSpan.FromMinutes(15);

    /// <summary>Asks for the money of a top-up back.</summary>
    public async Task<PaymentAnswer> RequestAsync(string userId, Guid requestId, string transactionKey, string reason)
    {
        if (await ledger.FindAsync(userId, transactionKey, CancellationToken.None) is not { Type: LedgerType.TopUp } topUp)
            return new PaymentAnswer { Outcome = PaymentOutcome.NotFound, Reason = $"You have no top-up transaction with the key '{transactionKey}'." };
        if (await store.FindRefundAsync(userId, transactionKey, CancellationToken.None) is { } known)
            return known.Id == requestId ? await AnswerAsync(known) : Refused("A refund for this transaction was already requested.");
        if (transactionKey.StartsWith("cs_", StringComparison.Ordinal)) return Refused("Nothing was paid for this transaction, so nothing can be given back.");

        var balance = await books.Wallet(userId).GetBalance();
        var isAutomatic = await store.FindByReferenceAsync([transactionKey], CancellationToken.None) is not null && topUp.Amount < ByAdministratorFrom && topUp.Amount - balance <= options.Value.RefundTolerance;
        var now = books.Now;
        var request = new RefundRow
        {
            Id = requestId,
            UserId = userId,
            TransactionKey = transactionKey,
            Amount = topUp.Amount,
            Reason = reason,
            Result = "The refund request is under review.",
            Status = RefundStatus.Pending,
            CreatedAt = now,
            UpdatedAt = now,
            DueAt = isAutomatic ? now + FirstLook : null,
        };
        NotificationEvent[] events = isAutomatic ? [] : [await EventAsync(RequestType, $"{RequestType}/{requestId}", request, balance, toAdministrators: true)];
        if (await store.AddRefundAsync(request, events, CancellationToken.None) is not { } written) return Refused("A refund for this transaction was already requested.");
        books.Show(written, "A user asks for a refund.");
        return await AnswerAsync(request);
    }

    /// <summary>Goes on with the refunds of a user that were interrupted. A request that an administrator decides is none of them.</summary>
    public async Task ResumeAsync(string userId)
    {
        foreach (var request in await store.RefundsAsync(userId, int.MaxValue, CancellationToken.None))
            if (request.DueAt <= books.Now) await RefundAsync(request);
    }

    /// <summary>
    /// Takes the credits of money that went back from the balance, once per refund or dispute; what is not there is recorded as shortfall (decision 10).
    /// </summary>
    /// <param name="payment">The payment, fulfilled.</param>
    /// <param name="id">The refund or dispute.</param>
    /// <param name="amount">Credits.</param>
    /// <returns>Null, or why nothing was taken.</returns>
    public async Task<string?> DeductAsync(PaymentRow payment, string id, long amount)
    {
        if (amount <= 0 || amount > payment.Credits)
            return string.Create(CultureInfo.InvariantCulture, $"{amount} credits cannot be taken for a top-up of {payment.Credits}.");
        var request = await store.FindRefundAsync(payment.UserId, payment.TransactionKey, CancellationToken.None);
        var result = await books.Wallet(payment.UserId).Apply(new WalletChange
        {
            TransactionKey = id,
            Type = LedgerType.Refund,
            Credits = -amount,
            TakeWhatIsThere = true,
            Metadata = PaymentBooks.Json(new JsonObject { ["payment_id"] = payment.Id.ToString(), ["top_up"] = payment.TransactionKey, ["reason"] = request?.Reason ?? "" }),
        });
        if (result.Outcome is not (WalletChangeOutcome.Applied or WalletChangeOutcome.AlreadyApplied)) return $"The ledger answers {result.Outcome} to the refund {id}.";

        var now = books.Now;
        var about = request ?? new RefundRow
        {
            Id = payment.Id,
            UserId = payment.UserId,
            TransactionKey = payment.TransactionKey,
            Amount = amount,
            Reason = "",
            Status = RefundStatus.Approved,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var approved = about with
        {
            Amount = amount,
            Status = RefundStatus.Approved,
            Result = "The refund request has been approved, the amount will be credited back to your account.",
            RefundId = id,
            UpdatedAt = now,
            DueAt = null,
        };
        NotificationEvent[] events =
        [
            await EventAsync(ProcessedType, $"{ProcessedType}/{id}/user", approved, result.Balance, toAdministrators: false),
            await EventAsync(ProcessedType, $"{ProcessedType}/{id}/admin", approved, result.Balance, toAdministrators: true, result.Shortfall),
        ];
        books.Show(await store.SaveRefundAsync(request is null ? null : approved, events, CancellationToken.None), result.Shortfall > 0 ? "A refund was larger than the balance." : "A refund was processed.");
        return null;
    }

    /// <summary>Records what became of a refund.</summary>
    /// <param name="payment">The payment, fulfilled.</param>
    /// <param name="refund">The refund as it is now.</param>
    /// <returns>Null, or why nothing was done.</returns>
    public async Task<string?> SettleAsync(PaymentRow payment, ProviderRefund refund)
    {
        if (refund.State == ProviderState.Succeeded) return await DeductAsync(payment, refund.Id, refund.Amount);
        if (refund.State == ProviderState.UnderWay) return null;
        await GiveBackAsync(payment, refund.Id);
        if (await store.FindRefundAsync(payment.UserId, payment.TransactionKey, CancellationToken.None) is { Status: not RefundStatus.Rejected } request && (request.RefundId == refund.Id || request.Id == refund.RequestId))
            await RejectAsync(request with { RefundId = refund.Id }, refund.Failure ?? "The payment provider could not return the money.");
        return null;
    }

    /// <summary>
    /// Answers a dispute that was opened: it is accepted when the balance is larger than its amount by the tolerance, else the use of the credits is submitted as evidence.
    /// </summary>
    public async Task DisputedAsync(PaymentRow payment, string disputeId)
    {
        var dispute = await provider.FindDisputeAsync(disputeId);
        if (!dispute.NeedsAnswer) return;
        var balance = await books.Wallet(payment.UserId).GetBalance();
        if (balance - dispute.Amount >= options.Value.RefundTolerance)
        {
            await provider.CloseDisputeAsync(disputeId);
            return;
        }

        var user = await users.FindAsync(payment.UserId, CancellationToken.None);
        var history = await ledger.HistoryAsync(payment.UserId, new LedgerQuery { Limit = MostTransactions }, CancellationToken.None);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"The customer bought {payment.Credits} credits at {payment.CreatedAt:u}, which were added at once. ")
            .Append(CultureInfo.InvariantCulture, $"The balance is {balance} credits now. All transactions of the account, the newest first:\n");
        foreach (var row in history) text.Append(CultureInfo.InvariantCulture, $"{row.At:u} {row.Type} {row.Amount} credits, balance {row.RunningBalance}\n");
        await provider.ContestDisputeAsync(disputeId, new DisputeEvidence("AutoGPT Platform Credits", user?.Email, text.Length > MostEvidence ? text.ToString(0, MostEvidence) : text.ToString()));
    }

    private static PaymentAnswer Refused(string reason) => new() { Outcome = PaymentOutcome.Refused, Reason = reason };

    /// <summary>What the user is answered to a request; the refund is made where it needs no decision.</summary>
    private async Task<PaymentAnswer> AnswerAsync(RefundRow request)
    {
        if (request.DueAt is not null) request = await RefundAsync(request);
        if (request.Status == RefundStatus.Rejected) return Refused(request.Result!);
        return new PaymentAnswer { Outcome = PaymentOutcome.Done, Credits = request.RefundId is null ? 0 : request.Amount };
    }

    /// <summary>Makes a refund at the provider, or finds the one that was made.</summary>
    private async Task<RefundRow> RefundAsync(RefundRow request)
    {
        try
        {
            if (await store.FindByReferenceAsync([request.TransactionKey], CancellationToken.None) is not { } payment) return await RejectAsync(request, "The payment of this transaction is not known.");
            var made = request.CreatedAt == request.UpdatedAt && books.Now - request.CreatedAt < FirstLook
                ? await provider.RefundAsync(request.Id, request.TransactionKey, request.UserId)
                : await FindOrRepeatAsync(request);
            if (made is null) return await RejectAsync(request, "The payment provider did not answer.");
            // The event of the refund ends it when it is under way.
            var refunded = request with { RefundId = made.Id, Amount = made.Amount, UpdatedAt = books.Now, DueAt = made.State == ProviderState.UnderWay ? books.Now + TimeSpan.FromHours(1) : request.DueAt };
            await store.SaveRefundAsync(refunded, [], CancellationToken.None);
            if (await SettleAsync(payment, made) is { } problem) return await RejectAsync(refunded, problem);
            return await store.FindRefundAsync(request.UserId, request.TransactionKey, CancellationToken.None) ?? refunded;
        }
        catch (ProviderRefusalException refusal)
        {
            return await RejectAsync(request, refusal.Message);
        }
        catch (ProviderAwayException away)
        {
            NotRefunded(away.Message, request.Id);
            var postponed = request with { Result = "The payment provider does not answer; the refund is tried again.", UpdatedAt = books.Now, DueAt = books.Now + FirstLook };
            await store.SaveRefundAsync(postponed, [], CancellationToken.None);
            return postponed;
        }
    }

    private async Task<ProviderRefund?> FindOrRepeatAsync(RefundRow request)
    {
        if (request.RefundId is { } id) return await provider.FindRefundAsync(id);
        var made = (await provider.RefundsAsync(request.TransactionKey)).FirstOrDefault(refund => refund.RequestId == request.Id);
        if (made is not null) return made;
        return books.Now - request.CreatedAt > UnknownAfter ? null : await provider.RefundAsync(request.Id, request.TransactionKey, request.UserId);
    }

    private async Task<RefundRow> RejectAsync(RefundRow request, string reason)
    {
        var rejected = request with { Status = RefundStatus.Rejected, Result = reason, UpdatedAt = books.Now, DueAt = null };
        var balance = await books.Wallet(request.UserId).GetBalance();
        NotificationEvent[] events =
        [
            await EventAsync(FailedType, $"{FailedType}/{request.Id}/user", rejected, balance, toAdministrators: false),
            await EventAsync(FailedType, $"{FailedType}/{request.Id}/admin", rejected, balance, toAdministrators: true),
        ];
        books.Show(await store.SaveRefundAsync(rejected, events, CancellationToken.None), "A refund has failed.");
        return rejected;
    }

    /// <summary>Returns the credits of a refund that had succeeded and has failed since, as a refund to a closed card does.</summary>
    private async Task GiveBackAsync(PaymentRow payment, string refundId)
    {
        if (await ledger.FindAsync(payment.UserId, refundId, CancellationToken.None) is not { Amount: < 0 } taken) return;
        await books.Wallet(payment.UserId).Apply(new WalletChange
        {
            TransactionKey = refundId + "-failed",
            Type = LedgerType.Refund,
            Credits = -taken.Amount,
            Metadata = PaymentBooks.Json(new JsonObject { ["payment_id"] = payment.Id.ToString(), ["top_up"] = payment.TransactionKey, ["reason"] = "The refund has failed" }),
        });
    }

    private async Task<NotificationEvent> EventAsync(string type, string key, RefundRow request, long balance, bool toAdministrators, long shortfall = 0)
    {
        var user = await users.FindAsync(request.UserId, CancellationToken.None);
        var data = new JsonObject
        {
            ["user_id"] = request.UserId,
            ["user_name"] = user?.Name ?? "",
            ["user_email"] = user?.Email ?? "",
            ["transaction_id"] = request.TransactionKey,
            ["refund_request_id"] = request.Id.ToString(),
            ["reason"] = type == FailedType ? request.Result : request.Reason,
            ["amount"] = request.Amount,
            ["balance"] = balance,
        };
        if (shortfall > 0) data["shortfall"] = shortfall;
        return new NotificationEvent
        {
            Key = key,
            Type = type,
            UserId = toAdministrators ? null : request.UserId,
            Channel = toAdministrators ? AlertChannels.Refunds : null,
            Data = PaymentBooks.Json(data).Memory,
            CreatedAt = books.Now,
        };
    }

    [LoggerMessage(2653, LogLevel.Warning, "The refund {Request} is tried again: {Problem}")]
    private partial void NotRefunded(string problem, Guid request);
}
