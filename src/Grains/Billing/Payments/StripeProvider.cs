using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Stripe;
using Stripe.Checkout;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>
/// Payments by Stripe. Calls are repeated on 409, 429, 5xx and lost answers, a few times with growing pauses; the library does not repeat any, because it pauses on the
/// system's clock and does not repeat 429.
/// </summary>
internal sealed partial class StripeProvider : IPaymentProvider, IDisposable
{
    /// <summary>The members of the metadata of Stripe's objects that name ours.</summary>
    public const string PaymentIdName = "payment_id";

    private const string RequestIdName = "refund_request_id";
    private const string UserIdName = "user_id";
    private const string Product = "AutoGPT Platform Credits";
    private const string Currency = "usd";
    private const int Repetitions = 3;
    private const int MostListed = 100;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly StripeClient? _client;
    private readonly ResiliencePipeline _repeating;
    private readonly ILogger<StripeProvider> _logger;

    public StripeProvider(IOptions<PaymentOptions> options, TimeProvider clock, ILogger<StripeProvider> logger)
    {
        _logger = logger;
        var settings = options.Value;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = settings.AnswerLimit,
            MaxResponseContentBufferSize = 16 * 1024 * 1024,
        };
        _repeating = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<ProviderAwayException>(away => !away.IsFinal),
                MaxRetryAttempts = Repetitions,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = settings.RetryDelay,
                MaxDelay = LongestPause,
                DelayGenerator = retry => new ValueTask<TimeSpan?>((retry.Outcome.Exception as ProviderAwayException)?.RetryAfter),
                OnRetry = retry =>
                {
                    Repeated(retry.Outcome.Exception!.Message, retry.AttemptNumber + 1);
                    return default;
                },
            })
            .Build();
        if (settings.StripeApiKey.Length == 0) return;
        _client = new StripeClient(new StripeClientOptions
        {
            ApiKey = settings.StripeApiKey,
            ApiBase = settings.StripeApiBase.ToString().TrimEnd('/'),
            HttpClient = new SystemNetHttpClient(_http, maxNetworkRetries: 0, appInfo: null, enableTelemetry: false),
        });
    }

    /// <inheritdoc/>
    public string? Missing => _client is null ? "Payments are not set up on this server: STRIPE_API_KEY is not set." : null;

    private StripeClient Client => _client ?? throw new InvalidOperationException(Missing);

    public void Dispose() => _http.Dispose();

    /// <inheritdoc/>
    public async Task<string> CreateCustomerAsync(string userId, string? email, string? name)
    {
        // The same key with another address or name would be refused.
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{userId}\n{email}\n{name}")));
        var options = new CustomerCreateOptions { Email = email, Name = name, Metadata = Named((UserIdName, userId)) };
        return (await CallAsync(token => Client.V1.Customers.CreateAsync(options, Once("customer-" + key), token))).Id;
    }

    /// <inheritdoc/>
    public async Task<ProviderCheckout> CreateCheckoutAsync(NewCheckout checkout)
    {
        var named = Named((PaymentIdName, checkout.PaymentId.ToString()), (UserIdName, checkout.UserId));
        var options = new SessionCreateOptions
        {
            Customer = checkout.CustomerId,
            ClientReferenceId = checkout.PaymentId.ToString(),
            Metadata = named,
            LineItems =
            [
                new SessionLineItemOptions
                {
                    PriceData = new SessionLineItemPriceDataOptions
                    {
                        Currency = Currency,
                        UnitAmount = checkout.Credits,
                        ProductData = new SessionLineItemPriceDataProductDataOptions { Name = Product },
                    },
                    Quantity = 1,
                },
            ],
            Mode = "payment",
            PaymentIntentData = new SessionPaymentIntentDataOptions { SetupFutureUsage = "off_session", Metadata = named },
            SavedPaymentMethodOptions = new SessionSavedPaymentMethodOptionsOptions { PaymentMethodSave = "enabled" },
            SuccessUrl = checkout.SuccessUrl,
            CancelUrl = checkout.CancelUrl,
            AllowPromotionCodes = true,
        };
        return Read(await CallAsync(token => Client.V1.Checkout.Sessions.CreateAsync(options, Once($"checkout-{checkout.PaymentId}"), token)));
    }

    /// <inheritdoc/>
    public async Task<ProviderCheckout> FindCheckoutAsync(string sessionId) =>
        Read(await CallAsync(token => Client.V1.Checkout.Sessions.GetAsync(sessionId, cancellationToken: token)));

    /// <inheritdoc/>
    public async Task<string> CreatePortalAsync(string customerId, string returnUrl)
    {
        var options = new Stripe.BillingPortal.SessionCreateOptions { Customer = customerId, ReturnUrl = returnUrl };
        return (await CallAsync(token => Client.V1.BillingPortal.Sessions.CreateAsync(options, cancellationToken: token))).Url;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> CardsAsync(string customerId)
    {
        var options = new PaymentMethodListOptions { Customer = customerId, Type = "card", Limit = MostListed };
        return [.. (await CallAsync(token => Client.V1.PaymentMethods.ListAsync(options, cancellationToken: token))).Data.Select(card => card.Id)];
    }

    /// <inheritdoc/>
    public async Task<ProviderPayment> PayAsync(CardPayment payment)
    {
        var options = new PaymentIntentCreateOptions
        {
            Amount = payment.Credits,
            Currency = Currency,
            Description = Product,
            Customer = payment.CustomerId,
            PaymentMethod = payment.CardId,
            OffSession = true,
            Confirm = true,
            AutomaticPaymentMethods = new PaymentIntentAutomaticPaymentMethodsOptions { Enabled = true, AllowRedirects = "never" },
            Metadata = Named((PaymentIdName, payment.PaymentId.ToString()), (UserIdName, payment.UserId)),
        };
        return Read(await CallAsync(token => Client.V1.PaymentIntents.CreateAsync(options, Once($"payment-{payment.PaymentId}-{payment.CardId}"), token)));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProviderPayment>> PaymentsAsync(string customerId, DateTimeOffset since)
    {
        var options = new PaymentIntentListOptions { Customer = customerId, Created = Since(since), Limit = MostListed };
        return await PagesAsync(options, (page, token) => Client.V1.PaymentIntents.ListAsync(page, cancellationToken: token), Read).ToListAsync();
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ProviderPayment> AllPaymentsAsync(DateTimeOffset since) => PagesAsync(
        new PaymentIntentListOptions { Created = Since(since), Limit = MostListed }, (page, token) => Client.V1.PaymentIntents.ListAsync(page, cancellationToken: token), Read);

    /// <inheritdoc/>
    public IAsyncEnumerable<ProviderRefund> AllRefundsAsync(DateTimeOffset since) => PagesAsync(
        new RefundListOptions { Created = Since(since), Limit = MostListed }, (page, token) => Client.V1.Refunds.ListAsync(page, cancellationToken: token), Read);

    /// <inheritdoc/>
    public async Task<ProviderPayment> FindPaymentAsync(string intentId) =>
        Read(await CallAsync(token => Client.V1.PaymentIntents.GetAsync(intentId, cancellationToken: token)));

    /// <inheritdoc/>
    public async Task<ProviderPayment> CheckCardAsync(CardPayment payment)
    {
        var options = new SetupIntentCreateOptions
        {
            Customer = payment.CustomerId,
            PaymentMethod = payment.CardId,
            Usage = "off_session",
            Confirm = true,
            AutomaticPaymentMethods = new SetupIntentAutomaticPaymentMethodsOptions { Enabled = true, AllowRedirects = "never" },
            Metadata = Named((PaymentIdName, payment.PaymentId.ToString()), (UserIdName, payment.UserId)),
        };
        var intent = await CallAsync(token => Client.V1.SetupIntents.CreateAsync(options, Once($"check-{payment.PaymentId}-{payment.CardId}"), token));
        return new ProviderPayment(intent.Id, payment.PaymentId, StateOf(intent.Status), intent.LastSetupError?.Message);
    }

    /// <inheritdoc/>
    public async Task<ProviderRefund> RefundAsync(Guid requestId, string intentId, string userId)
    {
        var options = new RefundCreateOptions { PaymentIntent = intentId, Metadata = Named((RequestIdName, requestId.ToString()), (UserIdName, userId)) };
        return Read(await CallAsync(token => Client.V1.Refunds.CreateAsync(options, Once($"refund-{requestId}"), token)));
    }

    /// <inheritdoc/>
    public async Task<ProviderRefund> FindRefundAsync(string refundId) => Read(await CallAsync(token => Client.V1.Refunds.GetAsync(refundId, cancellationToken: token)));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProviderRefund>> RefundsAsync(string intentId)
    {
        var options = new RefundListOptions { PaymentIntent = intentId, Limit = MostListed };
        return [.. (await CallAsync(token => Client.V1.Refunds.ListAsync(options, cancellationToken: token))).Data.Select(Read)];
    }

    /// <inheritdoc/>
    public async Task<ProviderDispute> FindDisputeAsync(string disputeId)
    {
        var dispute = await CallAsync(token => Client.V1.Disputes.GetAsync(disputeId, cancellationToken: token));
        return new ProviderDispute(dispute.Id, dispute.Amount, dispute.Status == "lost", dispute.Status is "needs_response" or "warning_needs_response");
    }

    /// <inheritdoc/>
    public Task CloseDisputeAsync(string disputeId) => CallAsync(token => Client.V1.Disputes.CloseAsync(disputeId, requestOptions: Once($"close-{disputeId}"), cancellationToken: token));

    /// <inheritdoc/>
    public Task ContestDisputeAsync(string disputeId, DisputeEvidence evidence)
    {
        var options = new DisputeUpdateOptions
        {
            Evidence = new DisputeEvidenceOptions { ProductDescription = evidence.Product, CustomerEmailAddress = evidence.CustomerEmail, UncategorizedText = evidence.Text },
        };
        return CallAsync(token => Client.V1.Disputes.UpdateAsync(disputeId, options, cancellationToken: token));
    }

    private static DateRangeOptions Since(DateTimeOffset since) => new() { GreaterThanOrEqual = since.UtcDateTime };

    /// <summary>The objects of a list, page after page.</summary>
    private async IAsyncEnumerable<TOurs> PagesAsync<TOptions, TTheirs, TOurs>(TOptions options, Func<TOptions, CancellationToken, Task<StripeList<TTheirs>>> list, Func<TTheirs, TOurs> read)
        where TOptions : ListOptions
        where TTheirs : StripeEntity, IHasId
    {
        while (true)
        {
            var page = await CallAsync(token => list(options, token));
            foreach (var item in page.Data) yield return read(item);
            if (!page.HasMore || page.Data.Count == 0) yield break;
            options.StartingAfter = page.Data[^1].Id;
        }
    }

    private static RequestOptions Once(string key) => new() { IdempotencyKey = key };

    private static Dictionary<string, string> Named(params (string Name, string Value)[] members) => members.ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    private static Guid? Id(Dictionary<string, string>? metadata, string name) =>
        metadata is not null && metadata.TryGetValue(name, out var text) && Guid.TryParseExact(text, "D", out var id) ? id : null;

    private static ProviderCheckout Read(Session session) => new(
        session.Id,
        Id(session.Metadata, PaymentIdName),
        session.Url,
        session.PaymentStatus == "paid" || (session.PaymentStatus == "no_payment_required" && session.Status == "complete"),
        session.Status == "expired",
        session.PaymentIntentId);

    private static ProviderPayment Read(PaymentIntent intent) => new(intent.Id, Id(intent.Metadata, PaymentIdName), StateOf(intent.Status), intent.LastPaymentError?.Message)
    {
        Amount = intent.Amount,
        CreatedAt = At(intent.Created),
    };

    private static ProviderRefund Read(Refund refund) => new(
        refund.Id,
        Id(refund.Metadata, RequestIdName),
        refund.PaymentIntentId,
        refund.Amount,
        refund.Status switch
        {
            "succeeded" => ProviderState.Succeeded,
            "failed" or "canceled" => ProviderState.Failed,
            _ => ProviderState.UnderWay,
        },
        refund.FailureReason)
    {
        CreatedAt = At(refund.Created),
    };

    private static DateTimeOffset At(DateTime created) => new(DateTime.SpecifyKind(created, DateTimeKind.Utc));

    // An intent that waits for its customer fails: he is away.
    private static ProviderState StateOf(string status) => status switch
    {
        "succeeded" => ProviderState.Succeeded,
        "processing" => ProviderState.UnderWay,
        _ => ProviderState.Failed,
    };

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call) => await _repeating.ExecuteAsync(async token =>
    {
        try
        {
            return await call(token);
        }
        catch (StripeException exception)
        {
            throw Translate(exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            throw new ProviderAwayException("Stripe did not answer.", exception);
        }
    });

    private static Exception Translate(StripeException exception)
    {
        var status = (int)exception.HttpStatusCode;
        var headers = exception.StripeResponse?.Headers;
        if (exception.StripeError is null || exception.HttpStatusCode is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || status >= 500)
        {
            return new ProviderAwayException(string.Create(CultureInfo.InvariantCulture, $"Stripe answered with status {status}."), exception)
            {
                RetryAfter = headers?.RetryAfter?.Delta is { } wait ? TimeSpan.FromTicks(Math.Min(wait.Ticks, LongestPause.Ticks)) : null,
                IsFinal = headers is not null && headers.TryGetValues("Stripe-Should-Retry", out var advice) && advice.Contains("false", StringComparer.Ordinal),
            };
        }

        return exception.HttpStatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? new ProviderRefusalException("Stripe refuses the key of this server; see STRIPE_API_KEY.", isCard: false, exception)
            : new ProviderRefusalException(exception.StripeError.Message ?? exception.Message, exception.StripeError.Type == "card_error", exception);
    }

    [LoggerMessage(2650, LogLevel.Warning, "{Problem} Attempt {Attempt} follows.")]
    private partial void Repeated(string problem, int attempt);
}
