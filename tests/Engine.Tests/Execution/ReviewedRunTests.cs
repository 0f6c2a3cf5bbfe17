using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Runs whose nodes wait for a review (contract: semantics 2.12).</summary>
public sealed class ReviewedRunTests
{
    private static readonly GraphBuilder Graph = new GraphBuilder().Node("s", FakeBlocks.Step).Node("n", FakeBlocks.Step).Node("t", FakeBlocks.Step).Link("s.out", "n.a").Link("n.out", "t.a");

    [Fact]
    public void A_run_waits_as_REVIEW_and_goes_on_with_the_same_node_execution_and_its_next_attempt()
    {
        var run = Paused();
        var paused = run.Of("n").Single();
        Assert.Equal((ExecutionStatus.Review, ExecutionStatus.Review, 1), (run.Run.Status, paused.Status, paused.Attempt));
        Assert.Null(run.Run.EndedAt);

        GoOn(run);
        Assert.Equal((paused.Id, ExecutionStatus.Running, 2), (run.InFlight("n").Id, run.InFlight("n").Status, run.InFlight("n").Attempt));
        Assert.Equal(0, run.InFlight("n").LostAttempts);
        run.Complete("n", "out=1");
        run.Complete("t");

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
        Assert.Equal([ExecutionStatus.Completed], run.Statuses("t"));
    }

    [Fact]
    public void Other_branches_end_before_the_run_waits()
    {
        var run = new TestRun(new GraphBuilder().Node("n", FakeBlocks.Step).Node("m", FakeBlocks.Step)).Start();
        run.End(run.InFlight("n"), TestRun.Ended(ExecutionStatus.Review));
        Assert.Equal(ExecutionStatus.Running, run.Run.Status);
        run.Complete("m");
        Assert.Equal(ExecutionStatus.Review, run.Run.Status);
    }

    [Fact]
    public void A_node_that_was_reviewed_is_charged_and_counted_once()
    {
        var run = new TestRun(new GraphBuilder().Node("n", FakeBlocks.Step)).Start();
        run.End(run.InFlight("n"), TestRun.Ended(ExecutionStatus.Review) with { Charged = 5 });
        Assert.Equal((5, 1), (run.Run.Stats.Cost, run.Run.Stats.NodeExecCount));
        GoOn(run);
        run.End(run.InFlight("n"), TestRun.Ended(ExecutionStatus.Review) with { Charged = 5 });
        GoOn(run);
        run.End(run.InFlight("n"), TestRun.Ended(ExecutionStatus.Completed) with { Charged = 5 });

        Assert.Equal((5, 1, ExecutionStatus.Completed), (run.Run.Stats.Cost, run.Run.Stats.NodeExecCount, run.Run.Status));
    }

    [Fact]
    public void The_time_of_the_review_counts_neither_as_duration_nor_towards_the_limit()
    {
        var graph = new GraphBuilder().Node("n", FakeBlocks.Step);
        var index = graph.Index();
        var run = new GraphRun(index, RunPlanner.Plan(index, TestRun.Request()), new RunLimits { MaxDuration = TimeSpan.FromHours(2) });
        var (owner, at) = (new RunOwner("h", 0), TestRun.Begin);
        run.Apply(new RunEvent.Started(at));
        var first = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(run.Decide(at, owner)));
        run.Report(new NodeReport(first.NodeExecutionId, 1, 0, [], TestRun.Ended(ExecutionStatus.Review)), at.AddHours(1));
        run.Decide(at.AddHours(1), owner);

        run.Apply(new RunEvent.Reviewed(at.AddDays(3)));
        run.Apply(new RunEvent.Started(at.AddDays(3)));
        var second = Assert.IsType<RunEvent.NodeDispatched>(Assert.Single(run.Decide(at.AddDays(3), owner)));
        Assert.Equal(at.AddDays(3).AddHours(1), run.Deadline);
        run.Report(new NodeReport(second.NodeExecutionId, 2, 0, [], TestRun.Ended(ExecutionStatus.Completed)), at.AddDays(3).AddMinutes(30));
        run.Decide(at.AddDays(3).AddMinutes(30), owner);

        Assert.Equal((ExecutionStatus.Completed, 5400.0), (run.Status, run.Stats.Duration));
        Assert.Equal((at, at.AddDays(3).AddMinutes(30)), (run.StartedAt, run.EndedAt));
    }

    [Fact]
    public void A_run_that_is_stopped_while_it_waits_ends_with_its_nodes()
    {
        var run = Paused();
        run.Stop();
        Assert.Equal((ExecutionStatus.Terminated, ExecutionStatus.Terminated), (run.Run.Status, run.Statuses("n").Single()));
        Assert.True(run.Run.HasBeenReviewed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_is_rebuilt_from_log_or_snapshot_at_every_step_of_a_review(bool fromSnapshot)
    {
        var steps = new List<Action<TestRun>> { run => run.End(run.InFlight("n"), TestRun.Ended(ExecutionStatus.Review) with { Charged = 3 }), GoOn, run => run.End(run.InFlight("n"), TestRun.Ended(ExecutionStatus.Completed) with { Charged = 3 }, "out=1"), run => run.Complete("t") };
        for (var rebuilt = 0; rebuilt <= steps.Count; rebuilt++)
        {
            var run = new TestRun(Graph).Start();
            run.Complete("s", "out=1");
            for (var i = 0; i < steps.Count; i++)
            {
                if (i == rebuilt)
                {
                    if (fromSnapshot) run.Restore();
                    else run.Rebuild();
                }

                steps[i](run);
            }

            Assert.Equal((ExecutionStatus.Completed, 3, 3), (run.Run.Status, run.Run.Stats.NodeExecCount, run.Run.Stats.Cost));
        }
    }

    private static void GoOn(TestRun run)
    {
        run.Apply(at => new RunEvent.Reviewed(at));
        Assert.Equal(ExecutionStatus.Queued, run.Run.Status);
        run.Start();
    }

    private static TestRun Paused()
    {
        var run = new TestRun(Graph).Start();
        run.Complete("s", "out=1");
        run.End(run.InFlight("n"), TestRun.Ended(ExecutionStatus.Review));
        return run;
    }
}
