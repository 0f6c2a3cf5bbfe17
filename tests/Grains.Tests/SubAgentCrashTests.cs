using Grainflow.Engine.Execution;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class SubAgentCrashTests
{
    [Fact]
    public async Task The_run_of_a_sub_agent_goes_on_after_a_crash_and_its_outputs_are_not_doubled()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("stream", TestBlocks.Stream, """{"count": 20, "gate": "end"}""").Output("numbers")
            .Link("stream.value", "numbers.value").Node("done", TestBlocks.PricedStep, """{"tier": 5}""").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Output("result").Link("sub.numbers", "result.value").Build();
        await cluster.StoreAsync(parent, child);
        var runId = await cluster.StartRunAsync(parent);
        var childRun = NodeExecutionIds.ChildRun(NodeExecutionIds.Derive(runId, 0));
        await cluster.UntilAsync(runId, run => run.Results("result").Count == 20, "that has the child's outputs");
        await cluster.UntilAsync(childRun, run => run.Of("done").Any(node => node.Row.Status == "COMPLETED"), "whose paid step is done");

        await cluster.KillAsync();
        var found = await cluster.RecoverAsync();
        cluster.Blocks.Gate("end").Open();
        var run = await cluster.EndOfAsync(runId);

        // The parent may take its sub-agent up before the supervisor has looked at it.
        Assert.Contains(runId, found.Select(summary => summary.Id));
        Assert.Empty(found.Select(summary => summary.Id).Except([runId, childRun]));
        Assert.Equal(("COMPLETED", "COMPLETED", 2), (run.Status, run.The("sub").Row.Status, run.The("sub").Row.Attempt));
        var expected = Enumerable.Range(0, 20).Select(i => $"\"{i}\"").Order(StringComparer.Ordinal);
        Assert.Equal(expected, run.Outputs("sub", "numbers").Order(StringComparer.Ordinal));
        Assert.Equal(expected, run.Results("result").Order(StringComparer.Ordinal));
        var childView = await cluster.ViewAsync(childRun);
        Assert.Equal(("COMPLETED", 2), (childView.Status, childView.The("stream").Row.Attempt));
        Assert.Equal(1, cluster.Blocks.Starts("done"));
        Assert.Equal([5L], (await cluster.ChargesAsync()).Select(charge => charge.Credits));
        Assert.Equal(5, run.Stat("cost"));
    }

    [Fact]
    public async Task A_parent_that_was_stopping_when_the_silo_died_takes_its_sub_agent_with_it()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("stubborn", TestBlocks.Step, """{"gate": "g", "stubborn": true}""").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Build();
        await cluster.StoreAsync(parent, child);
        var runId = await cluster.StartRunAsync(parent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var childRun = NodeExecutionIds.ChildRun(NodeExecutionIds.Derive(runId, 0));
        // Killed before the child has heard of it.
        cluster.Faults.OnAppend = (commit, append) => commit.RunId == childRun ? new TaskCompletionSource<Storage.Execution.CommitResult>().Task : append();
        await cluster.Run(runId).Stop(GrainCluster.User);

        await cluster.KillAsync();
        cluster.Faults.OnAppend = null;
        await cluster.RecoverAsync();

        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(runId)).Status);
        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(childRun)).Status);
    }

    [Fact]
    public async Task The_run_of_a_sub_agent_whose_parent_has_ended_is_stopped_when_it_is_found()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("waiting", TestBlocks.Step, """{"gate": "g"}""").Build();
        var parent = cluster.NewAgent("Parent").Node("step", TestBlocks.Step).Build();
        await cluster.StoreAsync(parent);
        await cluster.StoreAsync(child);
        var runId = await cluster.StartRunAsync(parent);
        await cluster.EndOfAsync(runId);
        var childRun = cluster.Ids.NewId();
        await cluster.Run(childRun).Start(GrainCluster.Command(child) with { ParentRunId = runId, ParentNodeExecutionId = NodeExecutionIds.Derive(runId, 0) });
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.KillAsync();
        await cluster.RecoverAsync();

        Assert.Equal("TERMINATED", (await cluster.EndOfAsync(childRun)).Status);
    }
}
