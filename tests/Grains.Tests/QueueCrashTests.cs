using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class QueueCrashTests
{
    [Fact]
    public async Task Limits_and_order_survive_a_crash()
    {
        await using var cluster = await GrainCluster.StartAsync(QueueTests.Limits(perGraph: 2, perUser: 50));
        var agent = QueueTests.Gated(cluster);
        await cluster.StoreAsync(agent);
        var runs = new List<Guid>();
        for (var i = 0; i < 4; i++) runs.Add(await cluster.StartRunAsync(agent, new { gate = $"g{i}" }));
        await cluster.Blocks.Gate("g0").ArrivalAsync();
        await cluster.Blocks.Gate("g1").ArrivalAsync();

        await cluster.KillAsync();
        var found = await cluster.RecoverAsync();
        await cluster.Blocks.Gate("g0").ArrivalAsync();
        await cluster.Blocks.Gate("g1").ArrivalAsync();

        Assert.Equal(runs, found.Select(run => run.Id));
        await QueueTests.AssertStatusesAsync(cluster, runs, ["RUNNING", "RUNNING", "QUEUED", "QUEUED"]);
        cluster.Blocks.Gate("g1").Open();
        await cluster.Blocks.Gate("g2").ArrivalAsync();
        await QueueTests.AssertStatusesAsync(cluster, runs, ["RUNNING", "COMPLETED", "RUNNING", "QUEUED"]);
        foreach (var i in new[] { 0, 2, 3 }) cluster.Blocks.Gate($"g{i}").Open();
        foreach (var run in runs) Assert.Equal("COMPLETED", (await cluster.EndOfAsync(run)).Status);
    }

    [Fact]
    public async Task Runs_that_wait_for_a_slot_survive_a_crash()
    {
        await using var cluster = await GrainCluster.StartAsync(QueueTests.Slots(1));
        var agent = QueueTests.Gated(cluster);
        await cluster.StoreAsync(agent);
        var runs = new List<Guid>();
        for (var i = 0; i < 3; i++) runs.Add(await cluster.StartRunAsync(agent, new { gate = $"g{i}" }));
        await cluster.Blocks.Gate("g0").ArrivalAsync();

        await cluster.KillAsync();
        await cluster.RecoverAsync();

        for (var i = 0; i < 3; i++) cluster.Blocks.Gate($"g{i}").Open();
        foreach (var run in runs) Assert.Equal("COMPLETED", (await cluster.EndOfAsync(run)).Status);
    }
}
