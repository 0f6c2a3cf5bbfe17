using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>One run cannot take the memory of the process it shares with others.</summary>
public sealed class RunBoundsTests
{
    [Fact]
    public void Executions_that_only_wait_for_inputs_end_the_run_as_failed_when_there_are_too_many()
    {
        var run = Endless(new RunLimits { MaxCreatedExecutions = 50 });

        for (var i = 0; i < 49; i++) run.Emit("p", $"out={i}");
        Assert.False(run.Run.IsStopping);
        run.Emit("p", "out=49");

        Assert.True(run.Run.IsStopping);
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Terminated));
        Assert.Equal(ExecutionStatus.Failed, run.Run.Status);
        Assert.Equal("The run has created more than 50 node executions, those that wait for inputs included, which is the limit (MAX_CREATED_NODE_EXECUTIONS_PER_RUN).", run.Run.Error);
    }

    [Fact]
    public void Values_that_no_node_uses_up_end_the_run_as_failed_when_they_are_too_large()
    {
        var run = Endless(new RunLimits { MaxOpenBytes = 1000 });

        for (var i = 0; i < 10; i++) run.Emit("p", $"out=\"{new string('x', 98)}\"");
        Assert.False(run.Run.IsStopping);
        run.Emit("p", "out=1");

        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Terminated));
        Assert.Equal("The run holds more than 1000 bytes of values in memory that no node has used up yet, which is the limit (MAX_OPEN_MEGABYTES_PER_RUN).", run.Run.Error);
    }

    [Fact]
    public void Values_that_were_used_up_do_not_count()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a"), limits: new RunLimits { MaxOpenBytes = 1000 }).Start();

        for (var i = 0; i < 100; i++)
        {
            run.Emit("p", $"out=\"{new string('x', 98)}\"");
            Assert.Equal(100, run.Run.OpenBytes);
            run.Complete("s", "out=1");
            Assert.Equal(0, run.Run.OpenBytes);
        }

        Assert.False(run.Run.IsStopping);
    }

    [Fact]
    public void Outputs_that_wait_for_an_earlier_execution_of_their_node_count_until_they_are_routed()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a")).Start();
        run.Emit("p", "out=1", "out=2");

        run.Complete(run.InFlight("s", 1), "out=\"12345678\"");
        Assert.Equal(12, run.Run.OpenBytes);
        run.Rebuild();
        Assert.Equal(12, run.Run.OpenBytes);
        Assert.Equal(12, GraphRun.Restore(run.Graph, run.Spec, run.Limits, run.Run.Snapshot()).OpenBytes);
        run.Complete("s");

        Assert.Equal(0, run.Run.OpenBytes);
    }

    [Fact]
    public void Attempts_that_together_leave_too_many_outputs_end_the_run_as_failed()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step), limits: new RunLimits { MaxOutputsPerExecution = 3 }).Start();
        run.Emit("p", "out=1", "out=2", "out=3");
        Assert.False(run.Run.IsStopping);
        run.TakeOver("host-2", TestRun.Host);

        run.Emit("p", "out=9");
        Assert.True(run.Run.IsStopping);
        run.End(run.InFlight("p"), TestRun.Ended(ExecutionStatus.Terminated));

        Assert.Equal("The attempts of a node have emitted more than 3 outputs together, which is the limit (MAX_OUTPUTS_PER_NODE_EXECUTION).", run.Run.Error);
    }

    [Fact]
    public void The_error_of_a_failing_node_is_no_output_too_many()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step), limits: new RunLimits { MaxOutputsPerExecution = 1 }).Start();

        run.Fail("p", "boom", "out=1");

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void A_snapshot_does_not_grow_with_the_values_that_a_node_has_emitted()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.other", "s.a")).Start();
        run.Emit("p", "out=1");
        var before = run.Run.Snapshot().Length;

        run.Emit("p", $"out=\"{new string('x', 100_000)}\"");

        Assert.InRange(run.Run.Snapshot().Length - before, 0, 50);
    }

    [Fact]
    public void A_rebuilt_run_is_bounded_by_events_and_not_by_the_limits_of_the_program_that_rebuilds_it()
    {
        var run = Endless(new RunLimits());
        for (var i = 0; i < 20; i++) run.Emit("p", $"out={i}");

        var strict = new GraphRun(run.Graph, run.Spec, new RunLimits { MaxCreatedExecutions = 1, MaxOpenBytes = 1, MaxOutputsPerExecution = 1 });
        foreach (var runEvent in run.Log) strict.Apply(runEvent);

        Assert.False(strict.IsStopping);
        Assert.Equal(run.Run.Snapshot(), strict.Snapshot());
        Assert.Contains(strict.Decide(TestRun.Begin, new RunOwner("host-2", 1)), runEvent => runEvent is RunEvent.StopRequested { Outcome: ExecutionStatus.Failed });
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"a b\"")]
    [InlineData("\"\\u00e9 \\n\"")]
    [InlineData("[1, 2.50, \"x y\", {\"k\" : null}]")]
    [InlineData("[1,2,true]")]
    public void The_size_of_a_value_is_that_of_its_compact_text(string json) =>
        Assert.Equal(JsonValues.CompactUtf8(JsonValues.Parse(json)).Length, JsonValues.CompactSize(JsonValues.Parse(json)));

    /// <summary>A node that emits to one pin of a node whose other pin never gets a value.</summary>
    private static TestRun Endless(RunLimits limits) =>
        new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a").Link("p.never", "s.b"), limits: limits).Start();
}
