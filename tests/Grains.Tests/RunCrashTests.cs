using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

public sealed class RunCrashTests
{
    [Fact]
    public async Task After_a_crash_completed_nodes_do_not_run_again_and_the_running_one_gets_its_next_attempt()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Input("text").Node("done", TestBlocks.Step).Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Output("result")
            .Link("text.result", "done.value").Link("done.value", "waiting.value").Link("waiting.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent, new { text = "hello" });
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var firstHost = Host(cluster);

        await cluster.KillAsync();
        var left = await cluster.ViewAsync(runId);
        var found = await cluster.RecoverAsync();
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var running = await cluster.ViewAsync(runId);
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("RUNNING", left.Status);
        Assert.Equal([runId], found.Select(summary => summary.Id));
        Assert.Equal((2, Host(cluster)), (running.The("waiting").Row.Attempt, running.The("waiting").Row.Host));
        Assert.NotEqual(firstHost, Host(cluster));
        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(["\"hello\""], run.Results("result"));
        Assert.Equal((1, firstHost), (run.The("done").Row.Attempt, run.The("done").Row.Host));
        Assert.Equal((1, 2), (cluster.Blocks.Starts("done"), cluster.Blocks.Starts("waiting")));
        Assert.Equal(left.The("waiting").Row.Id, run.The("waiting").Row.Id);
        Assert.Equal(4, run.Stat("node_exec_count"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_of_a_scenario_is_stopped_by_a_process_with_real_services_before_a_block_runs_there(bool admitted)
    {
        var scripted = true;
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options => (options.Scripted, options.MaxConcurrentGraphExecutionsPerUser) = (scripted, 1),
        });
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Node("next", TestBlocks.Step).Link("waiting.value", "next.value").Build();
        await cluster.StoreAsync(agent);
        var first = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var runId = admitted ? first : await cluster.StartRunAsync(agent);

        await cluster.KillAsync();
        scripted = false;
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);
        await cluster.EndOfAsync(first);

        Assert.Equal(("TERMINATED", "The process of the scenario has ended, and its scripted services with it."), (run.Status, run.Row.Error));
        Assert.Equal("TERMINATED", run.The("waiting").Row.Status);
        Assert.Equal((1, 0), (cluster.Blocks.Starts("waiting"), cluster.Blocks.Starts("next")));
    }

    [Fact]
    public async Task A_run_of_a_scenario_goes_on_in_a_process_with_scripted_services()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.Scripted = true });
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g", "value": 1}""").Output("result").Link("waiting.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Blocks.Gate("g").Open();

        Assert.Equal(["1"], (await cluster.EndOfAsync(runId)).Results("result"));
    }

    [Fact]
    public async Task A_run_that_was_stored_but_not_admitted_when_the_silo_died_completes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step, """{"value": 1}""").Output("result").Link("step.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = cluster.Ids.NewId();
        var created = new TaskCompletionSource();
        cluster.Faults.OnCreated = _ =>
        {
            created.SetResult();
            return new TaskCompletionSource().Task;
        };

        var start = cluster.Run(runId).Start(GrainCluster.Command(agent));
        await created.Task.WaitAsync(GrainCluster.Patience);
        await cluster.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => start);
        var left = await cluster.ViewAsync(runId);
        cluster.Faults.OnCreated = null;
        var found = await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("QUEUED", left.Status);
        Assert.Equal([runId], found.Select(summary => summary.Id));
        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(["1"], run.Results("result"));
    }

    [Fact]
    public async Task A_run_is_rebuilt_from_its_snapshot_and_the_events_after_it()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.SnapshotEvery = 10 });
        var agent = Streaming(cluster, """{"count": 40, "gate": "end"}""");
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.UntilAsync(runId, run => run.Of("result").Count(node => node.Row.Status == "COMPLETED") == 40, "whose outputs have arrived");

        await cluster.KillAsync();
        await using (var command = cluster.Database.DataSource.CreateCommand("SELECT count(*) FROM run_snapshots WHERE seq >= 10"))
            Assert.Equal(1L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        cluster.Blocks.Gate("end").Open();
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        AssertWhole(run, 40);
        Assert.Equal((2, 40), (cluster.Blocks.Starts("stream"), cluster.Blocks.Starts("step")));
        Assert.Equal(2, run.The("stream").Row.Attempt);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(33)]
    public async Task A_crash_between_any_two_commits_loses_and_doubles_nothing(int commits)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.SnapshotEvery = 10 });
        var agent = Streaming(cluster, """{"count": 20}""");
        await cluster.StoreAsync(agent);
        var reached = new TaskCompletionSource();
        var appended = 0;
        cluster.Faults.OnAppend = (_, append) =>
        {
            if (Interlocked.Increment(ref appended) <= commits) return append();
            reached.TrySetResult();
            return new TaskCompletionSource<Storage.Execution.CommitResult>().Task;
        };
        var runId = cluster.Ids.NewId();
        var start = cluster.Run(runId).Start(GrainCluster.Command(agent));
        await reached.Task.WaitAsync(GrainCluster.Patience);

        await cluster.KillAsync();
        await start.ContinueWith(_ => { }, TaskScheduler.Default);
        cluster.Faults.OnAppend = null;
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        AssertWhole(run, 20);
        Assert.All(run.Nodes, node => Assert.InRange(cluster.Blocks.Starts(node.Row.Id), node.Row.NodeId == "result" ? 0 : 1, 2));
        Assert.All(run.Nodes.Where(node => node.Row.Attempt == 1 && node.Row.NodeId != "result"), node => Assert.Equal(1, cluster.Blocks.Starts(node.Row.Id)));
    }

    [Fact]
    public async Task A_run_that_was_stopping_when_the_silo_died_is_terminated()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("stubborn", TestBlocks.Step, """{"gate": "g", "stubborn": true}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await cluster.Run(runId).Stop(GrainCluster.User);

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", "TERMINATED", 1), (run.Status, run.The("stubborn").Row.Status, run.The("stubborn").Row.Attempt));
        Assert.Equal(1, cluster.Blocks.Starts("stubborn"));
    }

    [Fact]
    public async Task Two_crashes_give_a_third_attempt()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g", "value": 1}""").Output("result").Link("waiting.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        for (var crash = 0; crash < 2; crash++)
        {
            await cluster.Blocks.Gate("g").ArrivalAsync();
            await cluster.KillAsync();
            await cluster.RecoverAsync();
        }

        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 3), (run.Status, run.The("waiting").Row.Attempt));
        Assert.Equal(["1"], run.Results("result"));
    }

    [Fact]
    public async Task The_outputs_of_an_attempt_that_died_are_not_doubled_by_the_next_one()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Streaming(cluster, """{"count": 5, "gate": "end"}""");
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.UntilAsync(runId, run => run.Outputs("stream", "value").Count == 5, "whose outputs are recorded");

        await cluster.KillAsync();
        cluster.Blocks.Gate("end").Open();
        await cluster.RecoverAsync();

        AssertWhole(await cluster.EndOfAsync(runId), 5);
        Assert.Equal(10, cluster.Blocks.Emitted("stream"));
    }

    private static string Host(GrainCluster cluster) => cluster.Services.GetRequiredService<SiloIdentity>().Name;

    private static Graph Streaming(GrainCluster cluster, string constants) => cluster.NewAgent().Node("stream", TestBlocks.Stream, constants)
        .Node("step", TestBlocks.Step).Output("result").Link("stream.value", "step.value").Link("step.value", "result.value").Build();

    private static void AssertWhole(RunView run, int count)
    {
        var expected = Enumerable.Range(0, count).Select(i => $"\"{i}\"").ToList();
        Assert.Equal(("COMPLETED", 0, (2 * count) + 1), (run.Status, run.Stat("node_error_count"), run.Stat("node_exec_count")));
        Assert.Equal(expected, run.Outputs("stream", "value"));
        Assert.Equal(expected, run.Results("result"));
        Assert.All(run.Nodes, node => Assert.Equal(ExecutionStatus.Completed.Name(), node.Row.Status));
    }
}
