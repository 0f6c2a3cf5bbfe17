using System.Globalization;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Monitoring;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>
/// Goes on with payments, refunds and events of Stripe that a crash or an outage has interrupted, each minute, and deletes the events that were processed long ago. An
/// addition to the contract's tasks.
/// </summary>
internal sealed partial class PendingPaymentsTask(
    IStripeEventStore inbox, IPaymentStore store, IPaymentProvider provider, PaymentEvents events, IGrainFactory grains, ILogger<PendingPaymentsTask> logger) : ISystemTask
{
    /// <summary>How many events, and how many users, one run looks at; the rest is left to the next.</summary>
    private const int MostAtOnce = 100;

    /// <summary>Stripe repeats an event for three days.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    public string Name => SystemTaskNames.PendingPayments;

    public TimeSpan? Interval => TimeSpan.FromMinutes(1);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (provider.Missing is { } missing) return SystemTaskOutcome.Text(missing);
        var due = await inbox.DueAsync(now, MostAtOnce, cancellationToken);
        var users = await store.DueUsersAsync(now, MostAtOnce, cancellationToken);
        foreach (var received in due) await TryAsync(received.Id, () => events.ProcessAsync(received), cancellationToken);
        foreach (var user in users) await TryAsync(user, () => grains.GetGrain<IUserPaymentsGrain>(user).Resume(), cancellationToken);
        var deleted = await inbox.DeleteProcessedAsync(now - KeptFor, MostAtOnce * MostAtOnce, cancellationToken);
        return SystemTaskOutcome.Text(string.Create(CultureInfo.InvariantCulture, $"{due.Count} events and the payments of {users.Count} users were tried again; {deleted} old events were deleted."));
    }

    /// <summary>Goes on with the others when one fails.</summary>
    private async Task TryAsync(string subject, Func<Task> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await work();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotTried(exception, subject);
        }
    }

    [LoggerMessage(2658, LogLevel.Warning, "What is pending of {Subject} could not be gone on with; it is tried again in a minute.")]
    private partial void NotTried(Exception exception, string subject);
}
