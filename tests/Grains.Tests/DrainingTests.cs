using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

/// <summary>A silo that is about to leave (DESIGN section 5, "Leaving").</summary>
public sealed class DrainingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task A_block_under_way_ends_and_counts_and_the_next_one_runs_after_the_next_start()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("first", TestBlocks.Step, """{"gate": "g", "value": 1}""").Node("second", TestBlocks.Step).Output("result")
            .Link("first.value", "second.value").Link("second.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        Assert.Equal(1, Draining(cluster).Begin());
        cluster.Blocks.Gate("g").Open();
        Assert.True(await WaitAsync(cluster));
        var left = await cluster.ViewAsync(runId);
        await cluster.KillAsync();
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("RUNNING", "COMPLETED", "QUEUED"), (left.Status, left.The("first").Row.Status, left.The("second").Row.Status));
        Assert.Equal(["1"], run.Results("result"));
        Assert.Equal((1, 1), (cluster.Blocks.Starts("first"), cluster.Blocks.Starts("second")));
    }

    [Fact]
    public async Task A_run_whose_last_block_ends_while_its_silo_drains_is_completed()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("only", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        Draining(cluster).Begin();
        cluster.Blocks.Gate("g").Open();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
        Assert.True(await WaitAsync(cluster));
    }

    [Fact]
    public async Task The_wait_for_a_block_ends_at_its_limit()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        Draining(cluster).Begin();
        var waiting = Draining(cluster).WaitForBlocksAsync(Limit, TestContext.Current.CancellationToken);
        clock.Advance(Limit - TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await waiting.WaitAsync(GrainCluster.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_block_that_waits_for_a_place_is_not_waited_for_and_loses_no_attempt()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options =>
            {
                options.BlockPoolSize = 1;
                options.RunLimits = options.RunLimits with { MaxAttempts = 1 };
            },
        });
        var agent = cluster.NewAgent().Node("begun", TestBlocks.Step, """{"gate": "g"}""").Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        var interrupted = InterruptedAsync(cluster, runId);
        Assert.Equal(1, Draining(cluster).Begin());
        await interrupted;
        cluster.Blocks.Gate("g").Open();
        Assert.True(await WaitAsync(cluster));
        await cluster.KillAsync();
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal([1, 2], new[] { run.The("begun").Row.Attempt, run.The("waiting").Row.Attempt }.Order());
        Assert.Equal(2, cluster.Blocks.Starts("begun") + cluster.Blocks.Starts("waiting"));
    }

    [Fact]
    public async Task A_sub_agent_is_not_a_block_to_wait_for()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("step", TestBlocks.Step, """{"gate": "g", "value": 1}""").Output("result").Link("step.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);
        var runId = await cluster.StartRunAsync(parent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        Assert.Equal(1, Draining(cluster).Begin());
        cluster.Blocks.Gate("g").Open();
        Assert.True(await WaitAsync(cluster));
        await cluster.KillAsync();
        await cluster.RecoverAsync();

        Assert.Equal(["1"], (await cluster.EndOfAsync(runId)).Results("result"));
        Assert.Equal(1, cluster.Blocks.Starts("step"));
    }

    [Fact]
    public async Task A_run_that_is_started_while_the_silo_drains_waits_for_the_next_start()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step).Build();
        await cluster.StoreAsync(agent);
        Draining(cluster).Begin();

        var runId = await cluster.StartRunAsync(agent);
        var left = (await cluster.ViewAsync(runId)).Status;
        await cluster.KillAsync();
        await cluster.RecoverAsync();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
        Assert.Equal(("QUEUED", 1), (left, cluster.Blocks.Starts("step")));
    }

    [Fact]
    public async Task A_run_that_lost_its_admission_is_admitted_when_it_is_resumed()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 2 });
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step).Build();
        await cluster.StoreAsync(agent);
        foreach (var silo in cluster.Running.Silos) cluster.Running.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Draining>().Begin();
        var runId = await cluster.StartRunAsync(agent);
        var heir = await cluster.Running.StartAdditionalSiloAsync();
        foreach (var silo in cluster.Running.Silos.Where(silo => silo != heir).ToList()) await cluster.Running.StopSiloAsync(silo);
        var client = cluster.Running.GetSiloServiceProvider(heir.SiloAddress).GetRequiredService<IClusterClient>();
        await using var commits = new CommitWatch(client);
        await commits.SubscribeAsync(GrainCluster.User);

        var committed = await commits.NextAsync(GrainCluster.User);
        await client.GetGrain<IGraphExecutionGrain>(runId).Resume();

        while ((await cluster.ViewAsync(runId)).Status != "COMPLETED")
        {
            await committed.WaitAsync(GrainCluster.Patience, TestContext.Current.CancellationToken);
            committed = await commits.NextAsync(GrainCluster.User);
        }
    }

    [Fact]
    public async Task A_run_goes_on_on_another_silo_while_its_block_on_the_one_that_drains_is_under_way_Cluster()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 3 });
        var agent = cluster.NewAgent()
            .Node("slow", TestBlocks.Step, """{"gate": "slow"}""")
            .Node("first", TestBlocks.Step, """{"gate": "first", "value": 1}""").Node("second", TestBlocks.Step, """{"gate": "second"}""").Output("result")
            .Link("first.value", "second.value").Link("second.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("slow").ArrivalAsync();
        await cluster.Blocks.Gate("first").ArrivalAsync();
        var before = await SiloOfAsync(cluster, runId);
        for (var i = 0; i < 2; i++)
            foreach (var silo in cluster.Running.Silos) await cluster.Running.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<SiloLoadPublisher>().PublishAsync();

        cluster.Running.GetSiloServiceProvider(before).GetRequiredService<Draining>().Begin();
        cluster.Blocks.Gate("first").Open();
        await cluster.Blocks.Gate("second").ArrivalAsync();

        cluster.Blocks.Gate("second").Open();
        cluster.Blocks.Gate("slow").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Single(run.Results("result"));
        Assert.Equal(before.ToParsableString(), run.The("slow").Row.Host);
        Assert.NotEqual(before.ToParsableString(), run.The("second").Row.Host);
        Assert.Equal([1, 1, 1], new[] { "slow", "first", "second" }.Select(node => cluster.Blocks.Starts(node)));
    }

    private static async Task<SiloAddress> SiloOfAsync(GrainCluster cluster, Guid runId) =>
        await cluster.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(cluster.Run(runId)) ?? throw new InvalidOperationException("The run has no activation.");

    private static Draining Draining(GrainCluster cluster) => cluster.Services.GetRequiredService<Draining>();

    private static Task<bool> WaitAsync(GrainCluster cluster) => Draining(cluster).WaitForBlocksAsync(GrainCluster.Patience, TestContext.Current.CancellationToken);

    private static async Task InterruptedAsync(GrainCluster cluster, Guid runId)
    {
        while (true)
        {
            var next = await cluster.NextCommitAsync();
            if ((await cluster.KindsAsync(runId)).Contains("node_interrupted", StringComparer.Ordinal)) return;
            await next.WaitAsync(GrainCluster.Patience);
        }
    }
}
