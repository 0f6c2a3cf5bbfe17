using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

/// <summary>Ids of new runs whose directory entry is on the silo that starts them (ADR 0043).</summary>
public sealed class NearRunIdsTests
{
    [Fact]
    public async Task A_silo_chooses_ids_whose_directory_entry_it_owns_by_Orleans_own_rule_Cluster()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 3 });
        var silos = cluster.Running.Silos.ToDictionary(silo => silo.SiloAddress, silo => cluster.Running.GetSiloServiceProvider(silo.SiloAddress));
        var owners = silos.Values.Select(OwnersOf).ToList();
        var ids = Enumerable.Range(0, 300).Select(_ => cluster.Run(Guid.NewGuid()).GetGrainId()).ToList();
        await cluster.Running.WaitForLivenessToStabilizeAsync();

        var ring = NearRunIds.Ring.Of(silos.Values.First().GetRequiredService<IClusterMembershipService>().CurrentSnapshot);
        Assert.All(owners, owner => Assert.Equal(ids.Select(owner), ids.Select(ring.OwnerOf)));

        // That of the three which owns most of the directory: one that owns hardly anything may not find an id in as many tries as it makes.
        var largest = ids.GroupBy(ring.OwnerOf).MaxBy(owned => owned.Count())!.Key;
        var near = silos[largest].GetRequiredService<IRunIds>();
        Assert.All(Enumerable.Range(0, 100).Select(_ => near.NewRunId()), id => Assert.Equal(largest, ring.OwnerOf(cluster.Run(id).GetGrainId())));
    }

    /// <summary>Orleans' own answer to which silo has the directory entry of a grain, which is not public.</summary>
    private static Func<GrainId, SiloAddress?> OwnersOf(IServiceProvider silo)
    {
        var type = typeof(IClusterMembershipService).Assembly.GetType("Orleans.Runtime.GrainDirectory.ILocalGrainDirectory", throwOnError: true)!;
        var directory = silo.GetRequiredService(type);
        var rule = directory.GetType().GetMethod("CalculateGrainDirectoryPartition", [typeof(GrainId)])!;
        return grain => (SiloAddress?)rule.Invoke(directory, [grain]);
    }
}
