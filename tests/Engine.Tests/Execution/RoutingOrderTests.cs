using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.5 "Routing order guarantee" and 2.10.</summary>
public sealed class RoutingOrderTests
{
    [Fact]
    public void Outputs_are_routed_while_the_node_still_runs()
    {
        var run = Line();

        run.Emit("p", "out=1");

        Assert.Equal([ExecutionStatus.Running], run.Statuses("s"));
        Assert.Equal([ExecutionStatus.Running], run.Statuses("p"));
    }

    [Fact]
    public void Outputs_of_a_later_execution_wait_until_the_earlier_one_has_ended()
    {
        var run = Line();
        run.Emit("p", "out=1", "out=2");
        var (first, second) = (run.InFlight("s"), run.InFlight("s", 1));

        run.Complete(second, "out=\"second\"");
        Assert.Empty(run.Of("t"));
        run.Emit(first, "out=\"first\"");
        Assert.Equal(["""{"a":"first"}"""], run.Inputs("t"));
        run.Complete(first, "out=\"first again\"");

        Assert.Equal(["""{"a":"first"}""", """{"a":"first again"}""", """{"a":"second"}"""], run.Inputs("t"));
    }

    [Fact]
    public void A_failed_execution_lets_the_next_one_go_on_after_its_error_was_routed()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Node("t", FakeBlocks.Step)
            .Link("p.out", "s.a").Link("s.out", "t.a").Link("s.error", "t.a")).Start();
        run.Emit("p", "out=1", "out=2");

        run.Complete(run.InFlight("s", 1), "out=\"second\"");
        run.Fail("s", "boom", "out=\"first\"");

        Assert.Equal(["""{"a":"first"}""", """{"a":"boom"}""", """{"a":"second"}"""], run.Inputs("t"));
    }

    [Fact]
    public void Executions_of_different_nodes_do_not_wait_for_each_other()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step).Node("t", FakeBlocks.Step)
            .Link("p.out", "t.a").Link("q.out", "t.a")).Start();

        run.Complete("q", "out=2");

        Assert.Equal(["""{"a":2}"""], run.Inputs("t"));
    }

    [Fact]
    public void The_run_does_not_end_before_waiting_outputs_were_routed()
    {
        var run = Line();
        run.Complete("p", "out=1", "out=2");

        run.Complete(run.InFlight("s", 1), "out=2");
        run.Complete("s", "out=1");

        Assert.Equal(ExecutionStatus.Running, run.Run.Status);
        Assert.Equal(["""{"a":1}""", """{"a":2}"""], run.Inputs("t"));
    }

    private static TestRun Line() => new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Node("t", FakeBlocks.Step)
        .Link("p.out", "s.a").Link("s.out", "t.a")).Start();
}
