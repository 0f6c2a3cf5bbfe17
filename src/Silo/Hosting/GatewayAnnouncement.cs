using Grainflow.Gateway.Requests;
using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grainflow.Silo.Hosting;

/// <summary>Keeps the row of this process in the table of gateways, by which <c>./run AGENT.json</c> finds one of its cluster, and others notice that it is gone.</summary>
internal sealed partial class GatewayAnnouncement(AnnouncedGateway gateway, RequestHolder holder, GatewayStore gateways, TimeProvider clock, ILogger<GatewayAnnouncement> logger) : BackgroundService
{
    private readonly Guid _id = holder.Gateway ?? Guid.NewGuid();

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await gateways.RemoveAsync(_id, cancellationToken);
        }
        catch (Exception exception)
        {
            // The row is passed over when it is not renewed.
            CannotAnnounce(exception);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(GatewayStore.RenewEvery, clock);
        try
        {
            do await RenewAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops; its row is removed.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await gateways.RenewAsync(_id, gateway, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            CannotAnnounce(exception);
        }
    }

    [LoggerMessage(2250, LogLevel.Warning, "The row of this process in the table of gateways could not be changed; it is tried again, and ./run AGENT.json asks another gateway until then.")]
    private partial void CannotAnnounce(Exception exception);
}
