using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.5, 2.10, 2.11 and 2.14; decision 30: what is decided, and how a run ends.</summary>
public sealed class RunEndTests
{
    [Fact]
    public void Nothing_is_decided_before_the_run_is_admitted()
    {
        var run = new TestRun(Two());

        Assert.Empty(run.Decide());
        Assert.Equal(ExecutionStatus.Queued, run.Run.Status);
        Assert.All(run.Executions, execution => Assert.Equal(ExecutionStatus.Queued, execution.Status));
    }

    [Fact]
    public void Starting_nodes_are_dispatched_in_node_order_to_the_host_that_asks()
    {
        var run = new TestRun(Two()).Start();

        Assert.Equal(["p", "q"], run.Dispatched);
        Assert.All(run.Log.OfType<RunEvent.NodeDispatched>(), runEvent => Assert.Equal((1, TestRun.Host), (runEvent.Attempt, runEvent.Host)));
    }

    [Fact]
    public void A_run_with_nothing_left_to_do_completes()
    {
        var run = new TestRun(Two()).Start();

        run.Complete("p");
        Assert.Equal(ExecutionStatus.Running, run.Run.Status);
        run.Complete("q");

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
        Assert.NotNull(run.Run.EndedAt);
        Assert.IsType<RunEvent.Ended>(run.Log[^1]);
        Assert.Empty(run.Decide());
    }

    [Fact]
    public void A_run_that_is_held_dispatches_nothing_and_does_not_end_before_what_is_ready_has_run()
    {
        var run = new TestRun(Two().Node("t", FakeBlocks.Step).Link("p.out", "t.a").Link("p.out", "t.b")).Start();
        var (p, q) = (run.InFlight("p"), run.InFlight("q"));
        run.Report(new NodeReport(p.Id, p.Attempt, 0, TestRun.Outputs("out=1"), TestRun.Ended(ExecutionStatus.Completed)));
        run.Report(new NodeReport(q.Id, q.Attempt, 0, [], TestRun.Ended(ExecutionStatus.Completed)));

        Assert.Empty(run.Run.Decide(TestRun.Begin, new RunOwner(TestRun.Host, 0), hold: true));
        Assert.Equal((ExecutionStatus.Running, 0), (run.Run.Status, run.Run.InFlight.Count));
        run.Decide();

        Assert.Equal(["p", "q", "t"], run.Dispatched);
    }

    [Fact]
    public void A_run_that_is_held_ends_when_nothing_is_ready()
    {
        var run = new TestRun(Two()).Start();
        run.Complete("p");
        var q = run.InFlight("q");
        run.Report(new NodeReport(q.Id, q.Attempt, 0, [], TestRun.Ended(ExecutionStatus.Completed)));

        Assert.IsType<RunEvent.Ended>(Assert.Single(run.Run.Decide(TestRun.Begin, new RunOwner(TestRun.Host, 0), hold: true)));
    }

    [Fact]
    public void Executions_that_never_got_all_inputs_stay_incomplete()
    {
        var run = new TestRun(Two().Node("s", FakeBlocks.Step).Link("p.out", "s.a").Link("q.out", "s.b")).Start();

        run.Complete("p", "out=1", "out=2");
        run.Complete("q");

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
        Assert.Equal([ExecutionStatus.Incomplete, ExecutionStatus.Incomplete], run.Statuses("s"));
    }

    [Fact]
    public void Stopping_before_the_start_ends_the_run_at_once()
    {
        var run = new TestRun(Two());

        run.Stop();

        Assert.Equal(ExecutionStatus.Terminated, run.Run.Status);
        Assert.All(run.Executions, execution => Assert.Equal((ExecutionStatus.Terminated, (DateTimeOffset?)null), (execution.Status, execution.EndedAt)));
    }

    [Fact]
    public void Stopping_waits_for_what_is_under_way_and_starts_nothing_more()
    {
        var run = new TestRun(Two().Node("s", FakeBlocks.Step).Link("p.out", "s.a")).Start();

        Assert.DoesNotContain(run.Stop(), runEvent => runEvent is RunEvent.Ended);
        run.Complete("p", "out=1");
        Assert.Equal(ExecutionStatus.Running, run.Run.Status);
        run.End(run.InFlight("q"), TestRun.Ended(ExecutionStatus.Terminated));

        Assert.Equal(ExecutionStatus.Terminated, run.Run.Status);
        Assert.Equal([ExecutionStatus.Completed, ExecutionStatus.Terminated, ExecutionStatus.Terminated], run.Executions.Select(execution => execution.Status));
        Assert.Equal(["p", "q"], run.Dispatched);
    }

    [Fact]
    public void A_run_that_waits_for_a_review_can_be_stopped()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)).Start();
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Review));

        run.Stop();

        Assert.Equal(ExecutionStatus.Terminated, run.Run.Status);
        Assert.NotNull(run.Run.EndedAt);
    }

    [Fact]
    public void A_stop_after_which_credits_run_out_is_still_a_stop()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)).Start();

        run.Stop();
        run.End(run.InFlight("p"), new NodeEnd(ExecutionStatus.Failed, "no credits", 0, OutOfCredits: true, NodeStats.None));

        Assert.Equal(ExecutionStatus.Terminated, run.Run.Status);
    }

    [Fact]
    public void A_stop_is_not_undone_by_a_later_reason_to_fail()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)).Start();

        run.Stop();
        run.Apply(at => new RunEvent.StopRequested(at, ExecutionStatus.Failed, "too late"));
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Terminated));

        Assert.Equal((ExecutionStatus.Terminated, null), (run.Run.Status, run.Run.Error));
    }

    [Fact]
    public void A_run_without_credits_fails_with_all_its_nodes()
    {
        var run = new TestRun(Two());

        run.Apply(at => new RunEvent.StopRequested(at, ExecutionStatus.Failed, "no credits"));
        run.Decide();

        Assert.Equal((ExecutionStatus.Failed, "no credits"), (run.Run.Status, run.Run.Error));
        Assert.All(run.Executions, execution => Assert.Equal((ExecutionStatus.Failed, "no credits"), (execution.Status, execution.Error)));
    }

    [Fact]
    public void A_node_of_the_skip_set_completes_without_running_or_counting()
    {
        var run = new TestRun(
            Two().Node("s", FakeBlocks.Step).Link("p.out", "s.a"), change: spec => spec with { NodesToSkip = ["p"] }).Start();
        run.Complete("q");

        var skipped = Assert.Single(run.Of("p"));
        Assert.Equal((ExecutionStatus.Completed, 0), (skipped.Status, skipped.Attempt));
        Assert.NotNull(skipped.EndedAt);
        Assert.Equal(1, run.Run.Stats.NodeExecCount);
        Assert.Empty(run.Of("s"));
        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void A_run_may_execute_as_many_nodes_as_the_limit_but_not_one_more()
    {
        TestRun Loop(int rounds)
        {
            var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a").Link("s.out", "s.a"), limits: new RunLimits { MaxNodeExecutions = 5 }).Start();
            run.Complete("p", "out=0");
            for (var i = 1; i < rounds; i++) run.Complete("s", $"out={i}");
            run.Complete("s");
            return run;
        }

        Assert.Equal(ExecutionStatus.Completed, Loop(4).Run.Status);

        var over = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a").Link("s.out", "s.a"), limits: new RunLimits { MaxNodeExecutions = 5 }).Start();
        over.Complete("p", "out=0");
        for (var i = 1; i <= 4; i++) over.Complete("s", $"out={i}");
        Assert.Equal(ExecutionStatus.Failed, over.Run.Status);
        Assert.Contains("5 nodes, which is the limit", over.Run.Error, StringComparison.Ordinal);
        Assert.Equal(5, over.Dispatched.Count());
    }

    [Fact]
    public void A_run_that_goes_on_for_too_long_fails()
    {
        var run = new TestRun(Two(), limits: new RunLimits { MaxDuration = TimeSpan.FromMilliseconds(4) }).Start();
        Assert.Equal(run.Run.StartedAt + TimeSpan.FromMilliseconds(4), run.Run.Deadline);
        Assert.False(run.Run.IsStopping);

        run.Emit("p");
        run.Decide();
        Assert.True(run.Run.IsStopping);
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Terminated));
        run.End(run.InFlight("q"), TestRun.Ended(ExecutionStatus.Terminated));

        Assert.Equal(ExecutionStatus.Failed, run.Run.Status);
        Assert.Contains("which is the limit", run.Run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_more_than_the_allowed_number_of_nodes_is_under_way_and_the_rest_wait_in_order()
    {
        var run = new TestRun(
            new GraphBuilder().Node("a", FakeBlocks.Step).Node("b", FakeBlocks.Step).Node("c", FakeBlocks.Step).Node("d", FakeBlocks.Step), limits: new RunLimits { MaxInFlight = 2 }).Start();
        Assert.Equal(["a", "b"], run.Dispatched);

        run.Complete("b");
        Assert.Equal(["a", "b", "c"], run.Dispatched);
        run.Complete("a");
        Assert.Equal(["a", "b", "c", "d"], run.Dispatched);
    }

    [Fact]
    public void The_price_is_logged_with_the_dispatch()
    {
        var paid = FakeBlocks.Step with { Costs = [new CostRule(3, CostType.Run, JsonValues.EmptyObject)] };

        var run = new TestRun(new GraphBuilder().Node("p", paid)).Start();

        Assert.Equal(3, Assert.Single(run.Log.OfType<RunEvent.NodeDispatched>()).Price);
        Assert.Equal(3, run.InFlight("p").Price);
    }

    private static GraphBuilder Two() => new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step);
}
