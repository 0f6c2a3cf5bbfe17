using Grainflow.Gateway.Hosting;
using Grainflow.Grains.Interfaces.Catalogue;

namespace Grainflow.Gateway.Health;

/// <summary>Checks whether the silo of this process answers, by calling a grain that needs no database.</summary>
internal sealed class Liveness(IGrainFactory grains, Readiness readiness, SiloReach silos, TimeProvider clock)
{
    /// <summary>Longer than an overloaded silo takes, and shorter than the time-out of the usual probes.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>The reason why the silo does not work; null when it works, when the process is shutting down, or when the silos are other processes.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        if (!readiness.IsReady || silos.AreElsewhere) return null;
        try
        {
            await grains.GetGrain<IBlockCatalogueGrain>("all").List().WaitAsync(AnswerLimit, clock, cancellationToken);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any exception of this simplest call means that the silo does not work.
            return readiness.IsReady ? $"The silo does not answer ({exception.GetType().Name})." : null;
        }
    }
}
