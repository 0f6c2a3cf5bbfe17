using System.Text;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Storage.Billing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Credits;

/// <summary>The routes of payments: top-ups, the automatic top-up, refunds, and the events of Stripe (contract: semantics 3.7 and 3.8).</summary>
internal sealed class PaymentEndpoints(IGrainFactory grains, IPaymentStore payments)
{
    private const string Section = "credits";
    private const int LeastTopUp = 500;
    private const int TopUpStep = 100;
    private const int MostRefunds = 100;
    private const int MostEventBytes = 1024 * 1024;

    private static readonly Operation Webhook = new("POST", "/api/credits/stripe_webhook", "postV1Handle stripe webhooks", "Receives the events of Stripe; the header Stripe-Signature proves who has sent it", "v1", Section)
    {
        IsPublic = true,
    };

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("POST", "/api/credits", "postV1Request credit top up", "Opens a page on which you buy credits", "v1", Section)
            {
                Creates = true,
                Body = typeof(RequestTopUp),
                Answers = [typeof(CheckoutUrl)],
            },
            TopUpAsync);
        routes.MapOperation(
            new Operation("PATCH", "/api/credits", "patchV1Fulfill checkout session", "Adds the credits of your newest checkout, if it was paid", "v1", Section),
            async request =>
            {
                Require(await Mine(request).FulfilCheckout());
                return ApiResponse.Empty;
            });
        routes.MapOperation(
            new Operation("GET", "/api/credits/auto-top-up", "getV1Get auto top up", "When credits are bought automatically, and how many", "v1", Section) { Answers = [typeof(AutoTopUpConfig)] },
            AutoTopUpAsync);
        routes.MapOperation(
            new Operation("POST", "/api/credits/auto-top-up", "postV1Configure auto top up", "Sets when credits are bought automatically; buys some at once when the balance is below the threshold, else checks a card", "v1", Section)
            {
                Creates = true,
                Body = typeof(AutoTopUpConfig),
                Answers = [typeof(string)],
            },
            ConfigureAsync);
        routes.MapOperation(
            new Operation("GET", "/api/credits/manage", "getV1Manage payment methods", "Opens a page on which you manage your cards", "v1", Section) { Answers = [typeof(IReadOnlyDictionary<string, string>)] },
            async request => ApiResponse.Ok(new Dictionary<string, string>(StringComparer.Ordinal) { ["url"] = Require(await Mine(request).OpenPortal()).Url! }));
        routes.MapOperation(
            new Operation("GET", "/api/credits/refunds", "getV1Get refund requests", "The refunds that you have asked for, newest first", "v1", Section) { Answers = [typeof(RefundRequest[])] },
            async request => ApiResponse.Ok((await payments.RefundsAsync(request.Caller.UserId, MostRefunds, request.Aborted)).Select(RefundRequest.Of).ToList()));
        routes.MapOperation(
            new Operation("POST", "/api/credits/{transaction_key}/refund", "postV1Refund credit transaction", "Asks for the money of a top-up back; answers what was refunded, 0 when an administrator decides", "v1", Section)
            {
                Creates = true,
                Parameters = [Parameter.PathText("transaction_key")],
                Body = typeof(IReadOnlyDictionary<string, string>),
                Answers = [typeof(int)],
            },
            RefundAsync);
        routes.MapMethods(Webhook.Path, [Webhook.Method], ReceiveAsync).WithMetadata(Webhook);
    }

    private static PaymentAnswer Require(PaymentAnswer answer) => answer.Outcome switch
    {
        PaymentOutcome.Done => answer,
        PaymentOutcome.Refused => throw ApiException.Error(400, answer.Reason!),
        PaymentOutcome.NotFound => throw ApiException.Error(500, answer.Reason!).BeforeAnyChange(),
        PaymentOutcome.NotConfigured => throw ApiException.Error(503, answer.Reason!).BeforeAnyChange(),
        _ => throw ApiException.Error(503, answer.Reason!),
    };

    private static ApiException Wrong(string reason) => ApiException.Detail(422, reason).BeforeAnyChange();

    private IUserPaymentsGrain Mine(ApiRequest request) => grains.GetGrain<IUserPaymentsGrain>(request.Caller.UserId);

    private async Task<ApiResponse> TopUpAsync(ApiRequest request)
    {
        var credits = request.BodyAs<RequestTopUp>().CreditAmount;
        if (credits < LeastTopUp || credits % TopUpStep != 0)
            throw ApiException.Error(400, $"Top up amount must be at least {LeastTopUp} credits and multiple of {TopUpStep} but is {credits}").BeforeAnyChange();
        return ApiResponse.Ok(new CheckoutUrl { Url = Require(await Mine(request).StartCheckout(request.Identity.ResourceId, credits)).Url! });
    }

    private async Task<ApiResponse> AutoTopUpAsync(ApiRequest request)
    {
        var config = await grains.GetGrain<IUserWalletGrain>(request.Caller.UserId).GetAutoTopUp();
        return ApiResponse.Ok(new AutoTopUpConfig { Amount = (int)config.Credits, Threshold = (int)config.Threshold });
    }

    private async Task<ApiResponse> ConfigureAsync(ApiRequest request)
    {
        var config = request.BodyAs<AutoTopUpConfig>();
        if (config.Threshold < 0) throw Wrong("Threshold must be 0 or more; 0 switches the automatic top-up off");
        if (config.Amount != 0 && config.Amount < LeastTopUp) throw Wrong($"Amount must be greater than or equal to {LeastTopUp}");
        if (config.Amount != 0 && config.Amount < config.Threshold) throw Wrong("Amount must be greater than or equal to threshold");
        Require(await Mine(request).ConfigureAutoTopUp(request.Identity.ResourceId, new AutoTopUp { Threshold = config.Threshold, Credits = config.Amount }));
        return ApiResponse.Ok("Auto top-up settings updated");
    }

    private async Task<ApiResponse> RefundAsync(ApiRequest request)
    {
        var reason = request.BodyAs<IReadOnlyDictionary<string, string>>().GetValueOrDefault("reason", "").Replace("\0", "", StringComparison.Ordinal);
        return ApiResponse.Ok((int)Require(await Mine(request).RequestRefund(request.Identity.ResourceId, request.Path("transaction_key").Replace("\0", "", StringComparison.Ordinal), reason)).Credits);
    }

    /// <summary>Takes an event as it came: its signature is over the bytes of the body.</summary>
    private async Task ReceiveAsync(HttpContext context)
    {
        context.RequestServices.GetRequiredService<SiloReach>().Require();
        var receipt = await grains.GetGrain<IStripeEventsGrain>(0).Receive(await ReadAsync(context.Request), context.Request.Headers["Stripe-Signature"]);
        if (receipt.Outcome == PaymentOutcome.Refused) throw ApiException.Detail(400, receipt.Reason!);
        if (receipt.Outcome != PaymentOutcome.Done) throw ApiException.Error(503, receipt.Reason!);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    private static async Task<string> ReadAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        var block = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(block, request.HttpContext.RequestAborted)) > 0)
        {
            if (buffer.Length + read > MostEventBytes) throw ApiException.Detail(400, "The body is larger than any event of Stripe.");
            await buffer.WriteAsync(block.AsMemory(0, read), request.HttpContext.RequestAborted);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
