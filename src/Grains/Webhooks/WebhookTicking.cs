using Grainflow.Grains.Hosting;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks;

/// <summary>
/// Processes the deliveries that are due in the inbox: those that nobody has processed since they were acknowledged, because their process has died or had no room, and those
/// that are tried again. Every server does so; one statement gives each delivery to one of them.
/// </summary>
internal sealed partial class WebhookTicking(
    IDeliveryStore deliveries, DeliveryProcessor processor, Draining draining, IHostApplicationLifetime lifetime, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookTicking> logger)
    : BackgroundService
{
    private const int PageSize = 200;
    private const int PageBytes = 8 * 1024 * 1024;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WhenStartedAsync(stoppingToken);
            while (!draining.IsDraining)
            {
                while (await TickAsync(stoppingToken) > 0 && !draining.IsDraining)
                {
                    // There may be more.
                }

                await Task.Delay(options.Value.Pace, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<int> TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = clock.GetUtcNow();
            var due = await deliveries.ClaimDueAsync(now, now + options.Value.Patience, PageSize, PageBytes, cancellationToken);
            if (due.Count > 0) await processor.ProcessAsync(due);
            return due.Count;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            NotTicked(exception);
            return 0;
        }
    }

    [LoggerMessage(2905, LogLevel.Warning, "The deliveries of webhooks that are due could not be processed; they are tried again.")]
    private partial void NotTicked(Exception exception);
}
