using System.Collections.Immutable;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Placement;

/// <summary>What this silo knows of the load of all silos, and the choice of a silo for a node or a run that it sends. Thread-safe.</summary>
/// <param name="pool">The block pool of this silo.</param>
/// <param name="slots">The run slots of this silo.</param>
/// <param name="draining">Whether this silo is about to leave.</param>
/// <param name="details">The address of this silo.</param>
internal sealed class SiloLoads(BlockPool pool, RunSlots slots, Draining draining, ILocalSiloDetails details)
{
    private readonly Lock _gate = new();

    /// <summary>The free places of the other silos, less one for each node that was placed there since they were read.</summary>
    private readonly Dictionary<SiloAddress, int> _free = [];

    /// <summary>The free run slots of the other silos, less one for each run that was placed there since they were read.</summary>
    private readonly Dictionary<SiloAddress, int> _freeSlots = [];

    /// <summary>Nodes that were placed on this silo and have not asked its pool for a place yet.</summary>
    private readonly HashSet<Guid> _expected = [];

    private volatile ImmutableHashSet<SiloAddress> _draining = [];
    private volatile bool _othersStay;

    /// <summary>The load of this silo, to be published.</summary>
    public SiloLoad Own => new()
    {
        Silo = details.SiloAddress.ToParsableString(),
        FreePlaces = pool.FreePlaces,
        FreeRunSlots = slots.Free,
        IsDraining = draining.IsDraining,
    };

    /// <summary>Whether any silo is about to leave.</summary>
    public bool AnyDrains => draining.IsDraining || !_draining.IsEmpty;

    /// <summary>Whether another silo has published lately that it is there and not about to leave.</summary>
    public bool OthersStay => _othersStay;

    /// <summary>Whether a silo has published that it is about to leave.</summary>
    public bool IsDraining(SiloAddress silo) => silo.Equals(details.SiloAddress) ? draining.IsDraining : _draining.Contains(silo);

    /// <summary>Replaces what is known of the other silos.</summary>
    public void Update(IReadOnlyCollection<SiloLoad> loads)
    {
        _draining = [.. loads.Where(load => load.IsDraining).Select(load => SiloAddress.FromParsableString(load.Silo))];
        lock (_gate)
        {
            _free.Clear();
            _freeSlots.Clear();
            foreach (var load in loads)
            {
                var silo = SiloAddress.FromParsableString(load.Silo);
                if (silo.Equals(details.SiloAddress)) continue;
                _free[silo] = load.FreePlaces;
                _freeSlots[silo] = load.FreeRunSlots;
            }

            _othersStay = _free.Keys.Any(silo => !_draining.Contains(silo));

            // Nodes that have not arrived after this time are not going to.
            _expected.Clear();
        }
    }

    /// <summary>
    /// Chooses the silo for a node: this one while its pool has room, else the one with most room. When none is known to have room the node waits on this silo,
    /// or on another one when this one is about to leave.
    /// </summary>
    /// <param name="node">The node execution.</param>
    /// <param name="silos">The silos that can run it; at least one.</param>
    public SiloAddress Choose(Guid node, IReadOnlyList<SiloAddress> silos)
    {
        if (silos.Count == 1) return silos[0];
        var here = details.SiloAddress;
        var mayStay = silos.Contains(here);
        lock (_gate)
        {
            if (mayStay && pool.FreePlaces > _expected.Count)
            {
                _expected.Add(node);
                return here;
            }

            return Roomiest(_free, silos) ?? (mayStay ? here : AnyOf(silos, node));
        }
    }

    /// <summary>
    /// Chooses the silo for a run: this one while it has free run slots, else the one with most of them. When none is known to have any the run waits on this
    /// silo, or on another one when this one is about to leave.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="silos">The silos that can run it; at least one.</param>
    public SiloAddress ChooseForRun(Guid run, IReadOnlyList<SiloAddress> silos)
    {
        if (silos.Count == 1) return silos[0];
        var here = details.SiloAddress;
        var mayStay = silos.Contains(here);
        if (mayStay && slots.Free > 0) return here;
        lock (_gate) return Roomiest(_freeSlots, silos) ?? (mayStay ? here : AnyOf(silos, run));
    }

    /// <summary>Records that a node that was placed on this silo has asked for its place, or needs none.</summary>
    public void Arrived(Guid node)
    {
        lock (_gate) _expected.Remove(node);
    }

    private static SiloAddress AnyOf(IReadOnlyList<SiloAddress> silos, Guid id) => silos[id.ToByteArray()[^1] % silos.Count];

    /// <summary>The silo with most room, less one for the grain that goes there; null when none is known to have room.</summary>
    private static SiloAddress? Roomiest(Dictionary<SiloAddress, int> room, IReadOnlyList<SiloAddress> silos)
    {
        var best = silos.MaxBy(silo => room.GetValueOrDefault(silo))!;
        if (room.GetValueOrDefault(best) <= 0) return null;
        room[best]--;
        return best;
    }
}
