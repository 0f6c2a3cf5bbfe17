using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Grainflow.Grains.Placement;

/// <summary>Places a grain on the silo of its caller while the block pool there has room, else on the silo with most room (<see cref="SiloLoads"/>).</summary>
internal sealed class RoomPlacement : PlacementStrategy;

/// <inheritdoc cref="RoomPlacement"/>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RoomPlacementAttribute() : PlacementAttribute(new RoomPlacement());

/// <inheritdoc cref="RoomPlacement"/>
internal sealed class RoomPlacementDirector(SiloLoads loads) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        // The run may ask for a certain silo.
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) ?? loads.Choose(target.GrainIdentity.GetGuidKey(), silos));
    }
}

/// <summary>
/// Places a run on the silo of its caller, which is the gateway that its user talks to, while that silo has run slots, else on the silo with most free ones
/// (<see cref="SiloLoads"/>). The run, its nodes and the reader of its events are then in one process.
/// </summary>
internal sealed class RunPlacement : PlacementStrategy;

/// <inheritdoc cref="RunPlacement"/>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RunPlacementAttribute() : PlacementAttribute(new RunPlacement());

/// <inheritdoc cref="RunPlacement"/>
internal sealed class RunPlacementDirector(SiloLoads loads) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) ?? loads.ChooseForRun(target.GrainIdentity.GetGuidKey(), silos));
    }
}

/// <summary>Keeps new activations away from silos that are about to leave, as long as there are others.</summary>
internal sealed class StayingSilos() : PlacementFilterStrategy(order: 0);

/// <inheritdoc cref="StayingSilos"/>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class StayingSilosAttribute() : PlacementFilterAttribute(new StayingSilos());

/// <inheritdoc cref="StayingSilos"/>
internal sealed class StayingSilosDirector(SiloLoads loads) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        if (!loads.AnyDrains) return silos;
        var all = silos.ToList();
        var staying = all.Where(silo => !loads.IsDraining(silo)).ToList();
        return staying.Count > 0 ? staying : all;
    }
}
