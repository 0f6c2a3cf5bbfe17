using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.10 and 2.11: how a node ends, and what that means for the run.</summary>
public sealed class NodeEndTests
{
    [Fact]
    public void The_error_of_a_failed_node_is_routed_and_the_run_completes()
    {
        var run = Guarded();

        run.Fail("p", "boom", "out=1");
        Assert.Equal(["""{"a":1}""", """{"a":"boom"}"""], run.Inputs("s"));
        run.Complete("s");
        run.Complete("s");

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
        Assert.Equal((3, 1), (run.Run.Stats.NodeExecCount, run.Run.Stats.NodeErrorCount));
        Assert.Null(run.Run.Error);
    }

    [Fact]
    public void A_failed_node_keeps_its_error_and_its_end()
    {
        var run = Guarded();

        run.Fail("p", "boom");

        var failed = Assert.Single(run.Of("p"));
        Assert.Equal((ExecutionStatus.Failed, "boom"), (failed.Status, failed.Error));
        Assert.NotNull(failed.EndedAt);
    }

    [Fact]
    public void A_cancelled_node_has_no_error_output_and_no_end()
    {
        var run = Guarded();

        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Terminated));

        Assert.Empty(run.Of("s"));
        Assert.Null(Assert.Single(run.Of("p")).EndedAt);
    }

    [Fact]
    public void Executions_have_the_times_of_their_steps()
    {
        var run = Guarded();
        run.Complete("p", "out=1");

        var execution = Assert.Single(run.Of("s"));
        Assert.True(TestRun.Begin < execution.AddedAt);
        Assert.Equal(execution.AddedAt, execution.QueuedAt);
        Assert.True(execution.QueuedAt < execution.StartedAt);
        Assert.Null(execution.EndedAt);
        run.Complete("s");
        Assert.True(execution.StartedAt < execution.EndedAt);
    }

    [Fact]
    public void What_nodes_measured_adds_up()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step)).Start();
        var stats = new NodeStats { WallTime = 1.5, CpuTime = 0.25, ExtraCost = 3, ExtraSteps = 4 };

        run.End(run.InFlight("p"), new NodeEnd(ExecutionStatus.Completed, null, 7, OutOfCredits: false, stats));
        run.End(run.InFlight("q"), new NodeEnd(ExecutionStatus.Failed, "e", 0, OutOfCredits: false, stats));

        var total = run.Run.Stats;
        Assert.Equal((13L, 10, 1), (total.Cost, total.NodeExecCount, total.NodeErrorCount));
        Assert.Equal((3.0, 0.5, 0.5), (total.NodeExecTime, total.NodeExecTimeCpuOnly, total.DurationCpuOnly));
        Assert.Equal((run.Run.EndedAt!.Value - run.Run.StartedAt!.Value).TotalSeconds, total.Duration);
    }

    [Fact]
    public void A_node_in_review_pauses_the_run_once_nothing_else_is_left()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step)).Start();

        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Review));
        Assert.Equal(ExecutionStatus.Running, run.Run.Status);
        run.Complete("q");

        Assert.Equal(ExecutionStatus.Review, run.Run.Status);
        Assert.Null(run.Run.EndedAt);
    }

    [Fact]
    public void A_node_that_cannot_be_paid_fails_the_run_with_its_reason()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("q.out", "s.a"), limits: new RunLimits { MaxInFlight = 2 }).Start();

        run.End(run.InFlight("p"), new NodeEnd(ExecutionStatus.Failed, "no credits", 0, OutOfCredits: true, NodeStats.None));
        Assert.True(run.Run.IsStopping);
        run.Complete("q", "out=1");

        Assert.Equal((ExecutionStatus.Failed, "no credits"), (run.Run.Status, run.Run.Error));
        var unpaid = Assert.Single(run.Of("s"));
        Assert.Equal((ExecutionStatus.Failed, "no credits", 0), (unpaid.Status, unpaid.Error, unpaid.Attempt));
    }

    [Theory]
    [InlineData(true, false, RunFailures.InsufficientBalance)]
    [InlineData(false, true, RunFailures.BudgetExceeded)]
    [InlineData(false, false, null)]
    public void The_statistics_say_to_programs_why_the_run_had_to_fail(bool outOfCredits, bool overBudget, string? reason)
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step), limits: new RunLimits { MaxInFlight = 2 }).Start();

        run.End(run.InFlight("p"), new NodeEnd(ExecutionStatus.Failed, "why", 0, outOfCredits, NodeStats.None, OverBudget: overBudget));
        run.Complete("q", "out=1");

        Assert.Equal((reason is null ? ExecutionStatus.Completed : ExecutionStatus.Failed, reason), (run.Run.Status, run.Run.Stats.FailureReason));
    }

    private static TestRun Guarded() => new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step)
        .Link("p.out", "s.a").Link("p.error", "s.a")).Start();
}
