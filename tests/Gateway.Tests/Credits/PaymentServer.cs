using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.Credits;

/// <summary>A server whose payments go to a scripted Stripe, and whose users begin with nothing.</summary>
public sealed class PaymentServer : ApiServer, IAsyncLifetime
{
    private ScriptedStripe? _stripe;

    internal ScriptedStripe Stripe => _stripe!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        _stripe = await ScriptedStripe.StartAsync();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await Stripe.DisposeAsync();
    }

    /// <summary>Sends an event as Stripe does.</summary>
    internal Task<Answer> SendAsync(string payload, string? signature) => With(null).SendAsync(HttpMethod.Post, "/api/credits/stripe_webhook", payload, request =>
    {
        if (signature is not null) request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
    });

    /// <inheritdoc/>
    private protected override void Change(Dictionary<string, string> variables)
    {
        variables["STRIPE_API_KEY"] = ScriptedStripe.ApiKey;
        variables["STRIPE_API_BASE"] = Stripe.Address.ToString();
        variables["STRIPE_WEBHOOK_SECRET"] = $"{ScriptedStripe.Secret},whsec_second";
        variables["FRONTEND_BASE_URL"] = "https://platform.test/";
        variables["ENABLE_PLATFORM_PAYMENT"] = "true";
    }
}
