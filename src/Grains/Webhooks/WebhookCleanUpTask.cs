using System.Globalization;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Monitoring;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks;

/// <summary>Deletes old deliveries, and prunes webhooks that a crash or an outage of their provider has left without presets, each hour. An addition to the contract's tasks.</summary>
internal sealed partial class WebhookCleanUpTask(IDeliveryStore deliveries, IWebhookStore webhooks, IGrainFactory grains, IOptions<WebhookOptions> options, ILogger<WebhookCleanUpTask> logger) : ISystemTask
{
    private const int MostDeliveries = 100_000;
    private const int MostWebhooks = 100;

    /// <summary>A webhook that is being set up has no preset for a moment.</summary>
    private static readonly TimeSpan SetupTime = TimeSpan.FromMinutes(10);

    public string Name => SystemTaskNames.Webhooks;

    public TimeSpan? Interval => TimeSpan.FromHours(1);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deleted = await deliveries.PruneAsync(now.AddDays(-options.Value.DeliveryDays), options.Value.DeliveryRows, MostDeliveries, cancellationToken);
        var unused = await webhooks.UnusedAsync(now - SetupTime, MostWebhooks, cancellationToken);
        foreach (var webhook in unused)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await grains.GetGrain<IUserPresetsGrain>(webhook.UserId).Prune(webhook.Id);
            }
            catch (Exception exception)
            {
                NotPruned(exception, webhook.Id);
            }
        }

        return SystemTaskOutcome.Text(string.Create(CultureInfo.InvariantCulture, $"{deleted} old deliveries were deleted; {unused.Count} unused webhooks were pruned."));
    }

    [LoggerMessage(2909, LogLevel.Warning, "Webhook {WebhookId}, which nothing uses, could not be pruned; it is tried again in an hour.")]
    private partial void NotPruned(Exception exception, Guid webhookId);
}
