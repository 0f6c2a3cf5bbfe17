namespace Grainflow.Gateway.Telemetry;

/// <summary>The metrics of the process as text. A host that has none leaves it out, and there is no <c>/metrics</c>.</summary>
public interface IMetricsPage
{
    /// <summary>The text, in the format 0.0.4 of Prometheus and in UTF-8.</summary>
    /// <param name="cancellationToken">The reader has gone.</param>
    ValueTask<ReadOnlyMemory<byte>> WriteAsync(CancellationToken cancellationToken);
}
