using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Notifications;
using Grainflow.Storage.Users;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>Records what becomes of payments, in their rows and in the ledger, and tells who has to know.</summary>
internal sealed partial class PaymentBooks(
    IPaymentStore store, IPaymentProvider provider, IUserStore users, IGrainFactory grains, NotificationLog notifications, BillingMetrics metrics, TimeProvider clock, ILogger<PaymentBooks> logger)
{
    /// <summary>The type of the notification about an automatic payment that failed; the contract has none for it.</summary>
    public const string AutoTopUpFailed = "AUTO_TOP_UP_FAILED";

    /// <summary>How long a payment may be pending before its provider is asked for it the first time.</summary>
    public static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Now.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>The wallet of a user.</summary>
    public IUserWalletGrain Wallet(string userId) => grains.GetGrain<IUserWalletGrain>(userId);

    /// <summary>The customer of a user, made on demand.</summary>
    public async Task<string> CustomerAsync(string userId)
    {
        if (await store.FindCustomerAsync(userId, CancellationToken.None) is { } known) return known;
        var user = await users.FindAsync(userId, CancellationToken.None);
        var customer = await provider.CreateCustomerAsync(userId, user?.Email, user?.Name);
        return await store.AddCustomerAsync(userId, customer, Now, CancellationToken.None);
    }

    /// <summary>A payment as it begins.</summary>
    public PaymentRow New(Guid id, string userId, string kind, long credits, string? key = null)
    {
        var now = Now;
        return new PaymentRow
        {
            Id = id,
            UserId = userId,
            Kind = kind,
            Status = PaymentStatus.Pending,
            Credits = credits,
            TransactionKey = key ?? id.ToString(),
            CreatedAt = now,
            UpdatedAt = now,
            DueAt = now + FirstLook,
        };
    }

    /// <summary>
    /// Adds the credits of a payment to the ledger and marks it fulfilled. Repeated after a crash in between, it adds nothing: the ledger knows the key.
    /// </summary>
    /// <param name="payment">The payment.</param>
    /// <param name="key">The id of the intent, or of the session when nothing had to be paid.</param>
    /// <param name="intentId">The intent, or null.</param>
    public async Task<PaymentRow> FulfilAsync(PaymentRow payment, string key, string? intentId)
    {
        var result = await Wallet(payment.UserId).Apply(new WalletChange
        {
            TransactionKey = key,
            Type = payment.Kind == PaymentKind.CardCheck ? LedgerType.CardCheck : LedgerType.TopUp,
            Credits = payment.Credits,
            Metadata = Json(new JsonObject { ["payment_id"] = payment.Id.ToString(), ["kind"] = payment.Kind, ["session_id"] = payment.SessionId, ["reason"] = ReasonOf(payment.Kind) }),
        });
        if (result.Outcome is not (WalletChangeOutcome.Applied or WalletChangeOutcome.AlreadyApplied))
            throw new InvalidOperationException($"The ledger answers {result.Outcome} to the payment {payment.Id} with the key '{key}'.");
        var fulfilled = payment with { Status = PaymentStatus.Fulfilled, Reason = null, TransactionKey = key, IntentId = intentId, UpdatedAt = Now, DueAt = null };
        if (await store.SaveAsync(fulfilled, [], CancellationToken.None) is not null) Fulfilled(payment.Kind, payment.Id);
        return fulfilled;
    }

    /// <summary>Marks a payment as failed, and tells its user when nobody waits for its answer.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="reason">Why, for the user.</param>
    public async Task<PaymentRow> FailAsync(PaymentRow payment, string reason)
    {
        var failed = payment with { Status = PaymentStatus.Failed, Reason = reason, UpdatedAt = Now, DueAt = null };
        NotificationEvent[] events = payment.Kind != PaymentKind.Automatic ? [] :
        [
            new NotificationEvent
            {
                Key = $"{AutoTopUpFailed}/{payment.Id}",
                Type = AutoTopUpFailed,
                UserId = payment.UserId,
                Data = Json(new JsonObject { ["payment_id"] = payment.Id.ToString(), ["amount"] = payment.Credits, ["reason"] = reason }).Memory,
                CreatedAt = failed.UpdatedAt,
            },
        ];
        if (await store.SaveAsync(failed, events, CancellationToken.None) is not { } written) return await store.FindAsync(payment.Id, CancellationToken.None) ?? failed;
        Failed(payment.Kind, payment.Id, reason);
        metrics.PaymentFailed(payment.Kind);
        Show(written, "An automatic payment has failed.");
        return failed;
    }

    /// <summary>Leaves a payment pending until its provider is asked again, after longer and longer pauses.</summary>
    public async Task<PaymentRow> PostponeAsync(PaymentRow payment)
    {
        var now = Now;
        var age = TimeSpan.FromTicks(Math.Clamp((now - payment.CreatedAt).Ticks, FirstLook.Ticks, LongestPause.Ticks));
        var postponed = payment with { Status = PaymentStatus.Pending, UpdatedAt = now, DueAt = now + age };
        await store.SaveAsync(postponed, [], CancellationToken.None);
        return postponed;
    }

    /// <summary>Shows events that were written in the log and the metric.</summary>
    public void Show(IEnumerable<NotificationEvent> written, string title)
    {
        foreach (var notification in written) notifications.Written(notification, title, isWarning: true);
    }

    /// <summary>JSON as the data of messages and rows.</summary>
    public static JsonPayload Json(JsonObject value) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string ReasonOf(string kind) => kind switch
    {
        PaymentKind.Checkout => "Top up by checkout",
        PaymentKind.CardCheck => "Card check for auto top up",
        PaymentKind.Automatic => "Automatic top up",
        _ => "Top up at the configuration of auto top up",
    };

    [LoggerMessage(2651, LogLevel.Information, "The payment {Payment} ({Kind}) is fulfilled.")]
    private partial void Fulfilled(string kind, Guid payment);

    [LoggerMessage(2652, LogLevel.Warning, "The payment {Payment} ({Kind}) has failed: {Reason}")]
    private partial void Failed(string kind, Guid payment, string reason);
}
