using Grainflow.Storage.Billing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>Registers what makes payments.</summary>
internal static class PaymentServices
{
    /// <summary>Adds the services. A test may register its own <see cref="IPaymentProvider"/> before.</summary>
    /// <param name="services">The silo's services.</param>
    public static IServiceCollection AddPayments(this IServiceCollection services)
    {
        services.AddOptions<PaymentOptions>().BindConfiguration(PaymentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<LedgerOptions>().Configure<IOptions<PaymentOptions>>((ledger, payments) => ledger.BillingPage = payments.Value.CreditsPage ?? ledger.BillingPage);
        services.TryAddSingleton<IPaymentProvider, StripeProvider>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new Reconciliation(provider.GetRequiredService<ILedgerAudit>(), provider.GetRequiredService<IPaymentProvider>()));
        services.TryAddSingleton<StripeWebhook>();
        services.TryAddSingleton<PaymentBooks>();
        services.TryAddSingleton<Checkouts>();
        services.TryAddSingleton<CardPayments>();
        services.TryAddSingleton<Refunds>();
        services.TryAddSingleton<PaymentEvents>();
        return services;
    }
}
