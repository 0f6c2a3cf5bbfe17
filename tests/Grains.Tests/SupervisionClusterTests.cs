using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Orleans;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

/// <summary>Runs whose silo dies go on on another one, and runs that nobody goes on with are found, without anybody asking for them.</summary>
public sealed class SupervisionClusterTests
{
    [Fact]
    public async Task A_run_whose_silo_dies_goes_on_on_another()
    {
        await using var cluster = await StartAsync();
        var (runId, _) = await WaitingAtGateAsync(cluster);
        var silo = cluster.SiloOfRun(runId)!;

        await cluster.KillSiloAsync(silo);
        await cluster.Blocks.Gate("g2").ArrivalAsync();
        cluster.Blocks.Gate("g2").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 2), (run.Status, run.The("waiting").Row.Attempt));
        Assert.NotEqual(silo, run.The("waiting").Row.Host);
    }

    [Fact]
    public async Task Runs_whose_silo_dies_go_on_within_five_seconds_although_one_silo_gets_no_notice_of_it()
    {
        await using var cluster = await StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g", "value": 1}""").Build();
        await cluster.StoreAsync(agent);
        // Enough for the supervisors of both silos that stay.
        var runs = new List<Guid>();
        for (var i = 0; i < 16; i++)
        {
            runs.Add(await cluster.StartRunAsync(agent));
            await cluster.Blocks.Gate("g").ArrivalAsync();
        }

        var hosts = new List<string>();
        foreach (var run in runs) hosts.Add((await cluster.ViewAsync(run)).The("waiting").Row.Host!);
        var silo = hosts.GroupBy(host => host, StringComparer.Ordinal).MaxBy(group => group.Count())!.Key;

        // It enters itself as dead, and the notices that it sends are cut off with it: the silo that votes reads that, and sends none to the third.
        await cluster.KillSiloAsync(silo);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        foreach (var _ in hosts.Where(host => host == silo)) await cluster.Blocks.Gate("g").ArrivalAsync().WaitAsync(limit.Token);
        cluster.Blocks.Gate("g").Open();
        foreach (var run in runs) Assert.Equal("COMPLETED", (await cluster.EndOfAsync(run)).Status);
    }

    [Fact]
    public async Task A_node_whose_silo_dies_runs_again_unasked_although_its_run_is_elsewhere()
    {
        await using var cluster = await StartAsync();
        var (runId, silo) = await WaitingAtGateAsync(cluster);
        await cluster.MoveRunAsync(runId, cluster.SiloNames.First(other => other != silo));

        await cluster.KillSiloAsync(silo);
        await cluster.Blocks.Gate("g2").ArrivalAsync();
        cluster.Blocks.Gate("g2").Open();

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task The_silos_of_a_run_and_of_its_node_may_die_together()
    {
        await using var cluster = await StartAsync();
        var (runId, silo) = await WaitingAtGateAsync(cluster);
        var other = cluster.SiloNames.First(other => other != silo);
        await cluster.MoveRunAsync(runId, other);

        await cluster.KillSiloAsync(silo);
        await cluster.KillSiloAsync(other);
        cluster.Blocks.Gate("g2").Open();
        cluster.Blocks.Gate("g3").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.InRange(cluster.Blocks.Starts("waiting"), 2, 3);
    }

    [Fact]
    public async Task A_run_that_no_activation_goes_on_with_is_found()
    {
        await using var cluster = await StartAsync(options => (options.UnmovedAfter, options.RunCheckInterval) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMinutes(30)));
        var (runId, silo) = await WaitingAtGateAsync(cluster);
        await cluster.Running.DeactivateAsync(cluster.Run(runId));

        // Nobody has called it; the node still waits at its gate.
        while (cluster.SiloOfRun(runId) is null) await (await cluster.NextCommitAsync()).WaitAsync(GrainCluster.Patience);
        cluster.Blocks.Gate("g1").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 1, silo), (run.Status, run.The("waiting").Row.Attempt, run.The("waiting").Row.Host));
    }

    [Fact]
    public async Task A_queued_run_that_no_queue_knows_is_admitted()
    {
        await using var cluster = await StartAsync(options => options.UnmovedAfter = TimeSpan.FromMilliseconds(300));
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step, """{"value": 1}""").Build();
        await cluster.StoreAsync(agent);
        cluster.Calls.Refused = nameof(IExecutionQueueGrain.Submit);
        var runId = cluster.Ids.NewId();
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Run(runId).Start(GrainCluster.Command(agent)));
        Assert.Equal("QUEUED", (await cluster.ViewAsync(runId)).Status);
        cluster.Calls.Refused = null;

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task A_run_that_cannot_be_resumed_is_counted_and_tried_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (runId, _) = await WaitingAtGateAsync(cluster);
        await cluster.KillAsync();
        cluster.Calls.Refused = nameof(IGraphExecutionGrain.Resume);
        Assert.Empty(await cluster.RecoverAsync());
        var supervisor = cluster.Grains.GetGrain<IRunSupervisorGrain>(ShardOf(runId));

        Assert.Equal(1, (await supervisor.Look(now: true)).Unresumed);
        cluster.Calls.Refused = null;
        var results = new List<SupervisionResult>();
        using var limit = new CancellationTokenSource(GrainCluster.Patience);
        while (!results.Exists(result => result.Resumed.Contains(runId)))
        {
            limit.Token.ThrowIfCancellationRequested();
            results.Add(await supervisor.Look(now: true));
        }

        Assert.Equal(0, results[^1].Unresumed);
        cluster.Blocks.Gate("g2").Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task The_reminder_of_a_supervisor_has_it_look_when_nobody_asks()
    {
        var clock = new ManualClock(DateTimeOffset.UtcNow);
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { ReminderClock = new ReadingClock(clock) });
        var (runId, _) = await WaitingAtGateAsync(cluster);
        await cluster.Grains.GetGrain<IRunSupervisorGrain>(ShardOf(runId)).Anchor();
        await cluster.KillAsync();
        await cluster.RestartAsync();

        var resumed = cluster.Blocks.Gate("g2").ArrivalAsync();
        for (var minutes = 0; !resumed.IsCompleted && minutes < 60; minutes++)
        {
            // A silo that has just started reads the table after a few minutes, and arms its timers whenever it gets to it.
            clock.Advance(TimeSpan.FromMinutes(1));
            await ((Task)resumed.WaitAsync(TimeSpan.FromMilliseconds(500))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        Assert.True(resumed.IsCompletedSuccessfully, $"The run was not resumed within an hour.\n{cluster.Log}");
        cluster.Blocks.Gate("g2").Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task Silos_that_are_killed_and_added_under_load_end_with_exact_counts() => await LoadAsync(runs: 40, kills: 2);

    [Fact(Explicit = true)]
    public async Task Silos_that_are_killed_and_added_under_load_end_with_exact_counts_at_length() => await LoadAsync(runs: 400, kills: 10);

    private static int ShardOf(Guid runId) => runId.ToByteArray(bigEndian: true)[3] & 15;

    private static Task<GrainCluster> StartAsync(Action<GrainflowOptions>? options = null) =>
        GrainCluster.StartAsync(new ClusterSetup { Silos = 3, Supervises = true, Options = options });

    private static async Task<(Guid RunId, string Silo)> WaitingAtGateAsync(GrainCluster cluster)
    {
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g", "numbered": true, "value": 1}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g1").ArrivalAsync();
        return (runId, (await cluster.ViewAsync(runId)).The("waiting").Row.Host!);
    }

    private static async Task LoadAsync(int runs, int kills)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Silos = 3,
            Supervises = true,
            Options = options => (options.MaxConcurrentExecutionsPerUser, options.MaxConcurrentGraphExecutionsPerUser, options.NumUserCreditsRefill) = (1000, 1000, 100_000),
            LogOptions = options => options.ExecutionCostPerThreshold = 0,
        });
        var agent = Chain(cluster);
        await cluster.StoreAsync(agent);
        var ids = new List<Guid>();
        for (var kill = 0; kill <= kills; kill++)
        {
            for (var i = 0; i < runs / (kills + 1); i++) ids.Add(await AcceptedAsync(cluster, agent));
            if (kill == kills) break;
            await cluster.KillSiloAsync(cluster.SiloNames[kill % cluster.SiloNames.Count]);
            await cluster.AddSiloAsync();
        }

        foreach (var id in ids)
        {
            var run = await cluster.EndOfAsync(id);
            Assert.Equal(("COMPLETED", 15L), (run.Status, run.Stat("cost")));
            Assert.Equal(["\"x\""], run.Results("result"));
            // No completed node ran again: a block starts at most once for each begin, and each node ends once.
            var events = await cluster.EventsAsync(id);
            Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(logged => logged.Sequence));
            Assert.Equal(run.Nodes.Count, events.Count(logged => logged.Kind == "node_ended"));
            Assert.All(run.Nodes, node => Assert.InRange(cluster.Blocks.Starts(node.Row.Id), node.Row.NodeId == "result" ? 0 : 1, node.Row.Attempt));
            Assert.InRange(run.Nodes.Sum(node => cluster.Blocks.Starts(node.Row.Id)), 3, events.Count(logged => logged.Kind == "node_began"));
        }

        var charges = await cluster.ChargesAsync();
        Assert.Equal(ids.Count * 3, charges.Select(charge => charge.Key).Distinct(StringComparer.Ordinal).Count());
        Assert.All(charges, charge => Assert.Equal(5, charge.Credits));
        Assert.Equal(ids.Count * 3, charges.Count);
    }

    /// <summary>Starts a run as a client does that repeats its request until it is answered.</summary>
    private static async Task<Guid> AcceptedAsync(GrainCluster cluster, Graph agent)
    {
        var runId = cluster.Ids.NewId();
        using var limit = new CancellationTokenSource(GrainCluster.Patience);
        while (true)
        {
            try
            {
                Assert.True((await cluster.Run(runId).Start(GrainCluster.Command(agent))).Accepted);
                return runId;
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException && !limit.IsCancellationRequested)
            {
                // The silo of the run has died; the next call finds another.
            }
        }
    }

    private static Graph Chain(GrainCluster cluster) => cluster.NewAgent()
        .Node("a", TestBlocks.PricedStep, """{"tier": 5, "value": "x"}""").Node("b", TestBlocks.PricedStep, """{"tier": 5}""").Node("c", TestBlocks.PricedStep, """{"tier": 5}""").Output("result")
        .Link("a.value", "b.value").Link("b.value", "c.value").Link("c.value", "result.value").Build();
}
