using Grainflow.Grains.Hosting;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

/// <summary>Where nodes and runs are placed in a cluster of several silos.</summary>
public sealed class PlacementTests
{
    [Fact]
    public async Task Nodes_run_on_another_silo_when_the_pool_of_their_own_is_full_Cluster()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 3, Options = options => options.BlockPoolSize = 1 });
        await PublishAsync(cluster);
        var agent = cluster.NewAgent();
        for (var i = 0; i < 4; i++) agent.Node($"n{i}", TestBlocks.Step, """{"gate": "g"}""");
        var graph = agent.Build();
        await cluster.StoreAsync(graph);

        var runId = await cluster.StartRunAsync(graph);

        // Each silo has one place, so three blocks at the gate are on three silos.
        for (var i = 0; i < 3; i++) await cluster.Blocks.Gate("g").ArrivalAsync();
        Assert.Equal(3, Enumerable.Range(0, 4).Sum(i => cluster.Blocks.Starts($"n{i}")));
        cluster.Blocks.Gate("g").Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task Runs_begin_on_silos_that_stay_while_one_drains_Cluster()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 3 });
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step).Build();
        await cluster.StoreAsync(agent);
        cluster.Running.GetSiloServiceProvider(cluster.Running.Silos[1].SiloAddress).GetRequiredService<Draining>().Begin();
        await PublishAsync(cluster);

        var runs = new List<Guid>();
        for (var i = 0; i < 30; i++) runs.Add(await cluster.StartRunAsync(agent));

        foreach (var run in runs) Assert.Equal("COMPLETED", (await cluster.EndOfAsync(run)).Status);
    }

    /// <summary>Makes every silo know the loads of all.</summary>
    private static async Task PublishAsync(GrainCluster cluster)
    {
        for (var i = 0; i < 2; i++)
            foreach (var silo in cluster.Running.Silos) await cluster.Running.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<SiloLoadPublisher>().PublishAsync();
    }
}
