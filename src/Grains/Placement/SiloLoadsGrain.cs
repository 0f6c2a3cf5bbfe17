using System.Collections.Immutable;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Placement;

/// <inheritdoc cref="ISiloLoadsGrain"/>
internal sealed class SiloLoadsGrain(TimeProvider clock) : Grain, ISiloLoadsGrain
{
    /// <summary>A silo that has not published for this time has ended, or cannot be relied on.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (SiloLoad Load, long At)> _loads = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<ImmutableArray<SiloLoad>> Publish(SiloLoad load)
    {
        _loads[load.Silo] = (load, clock.GetTimestamp());
        foreach (var silo in _loads.Where(entry => clock.GetElapsedTime(entry.Value.At) > Fresh).Select(entry => entry.Key).ToList()) _loads.Remove(silo);
        return Task.FromResult<ImmutableArray<SiloLoad>>([.. _loads.Values.Select(entry => entry.Load)]);
    }
}
