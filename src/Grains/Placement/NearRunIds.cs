using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Placement;

/// <summary>
/// Ids of runs whose entry in Orleans' grain directory is on this silo, where <see cref="RunPlacement"/> puts the run as well. With the entry on another silo the
/// first call to a run waits for two messages to that silo, and the run is dropped when that silo dies (ADR 0043).
/// </summary>
/// <remarks>A hint: after a change of the membership, or by another rule of Orleans, an entry may be elsewhere, and the run works as well.</remarks>
internal sealed class NearRunIds(IIdSource ids, IClusterMembershipService membership, ILocalSiloDetails details, IGrainFactory grains) : IRunIds
{
    /// <summary>A silo may own so little of the directory that most ids miss; after so many the next one is taken.</summary>
    public const int MostTries = 64;

    private readonly Lazy<GrainType> _type = new(() => grains.GetGrain<IGraphExecutionGrain>(Guid.Empty).GetGrainId().Type);
    private volatile Ring? _ring;

    /// <inheritdoc/>
    public Guid NewRunId()
    {
        var snapshot = membership.CurrentSnapshot;
        if (_ring is not { } ring || ring.Version != snapshot.Version) _ring = ring = Ring.Of(snapshot);
        var id = ids.NewId();
        if (ring.Silos.Count < 2) return id;
        for (var tries = 1; tries < MostTries && !ring.OwnerOf(GrainId.Create(_type.Value, GrainIdKeyExtensions.CreateGuidKey(id))).Equals(details.SiloAddress); tries++) id = ids.NewId();
        return id;
    }

    /// <summary>The active silos in the order in which Orleans' directory divides the grains among them.</summary>
    /// <param name="Version">The version of the membership.</param>
    /// <param name="Silos">The silos by their hash codes.</param>
    internal sealed record Ring(MembershipVersion Version, IReadOnlyList<SiloAddress> Silos)
    {
        /// <summary>The ring of a membership.</summary>
        public static Ring Of(ClusterMembershipSnapshot snapshot) => new(
            snapshot.Version,
            [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).OrderBy(silo => silo.GetConsistentHashCode()).ThenBy(silo => silo)]);

        /// <summary>The silo that has the directory entry of a grain: the last one whose hash code is not above the grain's, else the last of all (Orleans' LocalGrainDirectory).</summary>
        public SiloAddress OwnerOf(GrainId grain)
        {
            var hash = unchecked((int)grain.GetUniformHashCode());
            return Silos.LastOrDefault(silo => silo.GetConsistentHashCode() <= hash) ?? Silos[^1];
        }
    }
}
