using Grainflow.Engine.Execution;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Execution;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

public sealed class StopTests
{
    [Fact]
    public async Task A_running_run_is_stopped_and_its_nodes_are_terminated_without_an_error()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Output("result").Output("failure")
            .Link("waiting.value", "result.value").Link("waiting.error", "failure.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        Assert.True(await cluster.Run(runId).Stop(GrainCluster.User));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("TERMINATED", run.Status);
        Assert.Null(run.Row.Error);
        Assert.NotNull(run.Row.EndedAt);
        var node = run.The("waiting");
        Assert.Equal("TERMINATED", node.Row.Status);
        Assert.Null(node.Row.Error);
        Assert.Null(node.Row.EndedAt);
        Assert.Empty(node.Outputs);
        Assert.Empty(run.Of("failure"));
        Assert.Equal(0, run.Stat("node_error_count"));
    }

    [Fact]
    public async Task A_queued_run_is_stopped_without_ever_starting()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.MaxConcurrentGraphExecutionsPerUser = 1 });
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var first = await cluster.StartRunAsync(agent);
        var second = await cluster.StartRunAsync(agent);

        Assert.True(await cluster.Run(second).Stop(GrainCluster.User));
        var stopped = await cluster.EndOfAsync(second);
        cluster.Blocks.Gate("g").Open();

        Assert.Equal("TERMINATED", stopped.Status);
        Assert.Null(stopped.Row.StartedAt);
        Assert.Equal("TERMINATED", stopped.The("waiting").Row.Status);
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(first)).Status);
        Assert.Equal("TERMINATED", (await cluster.ViewAsync(second)).Status);
        Assert.Equal(1, cluster.Blocks.Starts("waiting"));
    }

    [Fact]
    public async Task A_block_that_ignores_its_cancellation_is_left_behind_after_the_grace()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock, Options = options => options.CancelGrace = TimeSpan.FromSeconds(5) });
        var agent = cluster.NewAgent().Node("stubborn", TestBlocks.Step, """{"gate": "g", "stubborn": true}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.Run(runId).Stop(GrainCluster.User);
        // Answered after the cancellation has reached the node, which is a call in the same order.
        Assert.True(await cluster.CancelFirstNodeAsync(runId));
        clock.Advance(TimeSpan.FromSeconds(4));
        var before = await cluster.ViewAsync(runId);
        clock.Advance(TimeSpan.FromSeconds(1));
        var run = await cluster.EndOfAsync(runId);
        cluster.Blocks.Gate("g").Open();

        Assert.Equal("RUNNING", before.Status);
        Assert.Equal(("TERMINATED", "TERMINATED"), (run.Status, run.The("stubborn").Row.Status));
        Assert.Empty(run.The("stubborn").Outputs);
    }

    [Fact]
    public async Task A_block_that_fails_because_it_was_cancelled_is_terminated_all_the_same()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("sulking", TestBlocks.Step, """{"gate": "g", "sulking": true}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.Run(runId).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", "TERMINATED"), (run.Status, run.The("sulking").Row.Status));
        Assert.Empty(run.The("sulking").Outputs);
    }

    [Fact]
    public async Task A_stop_whose_commit_is_lost_is_recorded_by_the_next_session()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var lost = 0;
        cluster.Faults.OnAppend = (commit, append) => commit.Events.Any(logged => logged.Kind == "stop_requested") && Interlocked.Increment(ref lost) < 3
            ? Task.FromResult(new CommitResult(CommitOutcome.Stale, []))
            : append();

        Assert.True(await cluster.Run(runId).Stop(GrainCluster.User));

        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(runId)).Status);
        Assert.Equal(3, lost);
    }

    [Fact]
    public async Task Stopping_twice_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => cluster.Run(runId).Stop(GrainCluster.User)));
        var run = await cluster.EndOfAsync(runId);
        Assert.True(await cluster.Run(runId).Stop(GrainCluster.User));

        Assert.All(answers, Assert.True);
        Assert.Equal("TERMINATED", run.Status);
        var kinds = await cluster.KindsAsync(runId);
        Assert.Equal(["run_started", "node_dispatched", "node_began", "stop_requested", "node_ended", "run_ended"], kinds);
    }

    [Fact]
    public async Task Stopping_a_run_that_has_ended_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step).Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        var ended = await cluster.EndOfAsync(runId);

        Assert.True(await cluster.Run(runId).Stop(GrainCluster.User));

        var after = await cluster.ViewAsync(runId);
        Assert.Equal(("COMPLETED", ended.Row.EndedAt), (after.Status, after.Row.EndedAt));
        Assert.Equal("run_ended", (await cluster.KindsAsync(runId))[^1]);
    }

    [Fact]
    public async Task Nothing_new_starts_once_a_run_is_stopping()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("source", TestBlocks.Stream, """{"count": 3, "gate": "end"}""").Node("step", TestBlocks.Step, """{"gate": "g", "stubborn": true}""")
            .Node("after", TestBlocks.Step).Link("source.value", "step.value").Link("step.value", "after.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        for (var i = 0; i < 3; i++) await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.Run(runId).Stop(GrainCluster.User);
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("TERMINATED", run.Status);
        Assert.Equal(0, cluster.Blocks.Starts("after"));
    }

    [Fact]
    public async Task A_stop_reaches_the_runs_of_sub_agents()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Output("result").Link("waiting.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.result", "result.value").Build();
        await cluster.StoreAsync(parent, child);
        var runId = await cluster.StartRunAsync(parent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.Run(runId).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        var childRun = await cluster.ViewAsync(NodeExecutionIds.ChildRun(run.The("sub").Row.Id));
        Assert.Equal(("TERMINATED", "TERMINATED"), (run.Status, childRun.Status));
        Assert.Equal("TERMINATED", run.The("sub").Row.Status);
        Assert.Empty(run.The("sub").Outputs);
        Assert.Equal("TERMINATED", childRun.The("waiting").Row.Status);
    }

    [Fact]
    public async Task A_run_that_goes_on_for_too_long_is_stopped_as_failed()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Clock = clock,
            Options = options => (options.RunLimits, options.BlockTimeLimit) = (new RunLimits { MaxDuration = TimeSpan.FromHours(1) }, TimeSpan.FromDays(1)),
        });
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        // The timer of the check is set again only when a tick has ended, so the time passes in steps. It stops before the limit of the block.
        var end = cluster.EndOfAsync(runId);
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromHours(20) && !end.IsCompleted; passed += TimeSpan.FromMinutes(1))
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(end, clock.WaitForTimerAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }

        var run = await end;

        Assert.Equal("FAILED", run.Status);
        Assert.Equal("The run has gone on for 1 hour, which is the limit.", run.Row.Error);
        Assert.Equal("TERMINATED", run.The("waiting").Row.Status);
    }
}
