using Grainflow.Gateway.Hosting;
using Grainflow.Grains.Interfaces.Catalogue;

namespace Grainflow.Gateway.Health;

/// <summary>Whether the silo of this process still does anything: a grain that needs no database is asked.</summary>
internal sealed class Liveness(IGrainFactory grains, Readiness readiness, TimeProvider clock)
{
    /// <summary>Longer than a full processor takes, shorter than a probe that is worth its name.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Why the silo has failed, or null when it works, and while it stops as it was told.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        if (!readiness.IsReady) return null;
        try
        {
            await grains.GetGrain<IBlockCatalogueGrain>("all").List().WaitAsync(Patience, clock, cancellationToken);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever keeps the simplest call of all from its answer is the failure that is asked for.
            return readiness.IsReady ? $"The silo does not answer ({exception.GetType().Name})." : null;
        }
    }
}
