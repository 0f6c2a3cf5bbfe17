using Grainflow.Gateway.Hosting;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// Follows whether a gateway without a silo reaches one of its cluster. Its start waits for the first, however long that takes, and says so once; later
/// requests are refused while there is none (<see cref="SiloReach"/>).
/// </summary>
internal sealed class ClusterConnection : IClientConnectionRetryFilter, IClusterConnectionStatusObserver
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    private readonly string _cluster;
    private readonly SiloReach _reach;
    private readonly TimeProvider _clock;
    private bool _said;
    private volatile bool _isStarted;

    public ClusterConnection(string cluster, SiloReach reach, TimeProvider clock)
    {
        (_cluster, _reach, _clock) = (cluster, reach, clock);
        _reach.IsInReach = false;
    }

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (!_said)
        {
            _said = true;
            Console.Error.WriteLine($"No silo of cluster '{_cluster}' is in reach; this gateway waits for one, and answers 503 until then.");
        }

        await Task.Delay(RetryEvery, _clock, cancellationToken);
        return true;
    }

    /// <summary>Ends the wait. Before the client has started it is connected for a moment, and does not know the grains of the silos yet.</summary>
    public void Started()
    {
        _isStarted = true;
        _reach.IsInReach = true;
    }

    /// <inheritdoc/>
    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered) =>
        _reach.IsInReach = _isStarted && currentNumberOfGateways > 0;

    /// <inheritdoc/>
    public void NotifyClusterConnectionLost() => _reach.IsInReach = false;
}
