using Grainflow.Grains.Interfaces.Billing;
using Orleans.Concurrency;

namespace Grainflow.Grains.Billing.Payments;

/// <inheritdoc cref="IStripeEventsGrain"/>
[StatelessWorker(1), Reentrant]
internal sealed class StripeEventsGrain(PaymentEvents events) : Grain, IStripeEventsGrain
{
    /// <inheritdoc/>
    public Task<StripeReceipt> Receive(string payload, string? signature) => events.ReceiveAsync(payload, signature);
}
