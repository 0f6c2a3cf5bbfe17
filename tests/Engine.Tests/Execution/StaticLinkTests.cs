using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.7 steps 5 and 9.</summary>
public sealed class StaticLinkTests
{
    [Fact]
    public void A_static_value_is_used_again_for_later_executions()
    {
        var run = Shared();

        run.Emit("st", "out=1");
        run.Emit("p", "out=10", "out=20");

        Assert.Equal(["""{"a":1,"b":10}""", """{"a":1,"b":20}"""], run.Inputs("s"));
    }

    [Fact]
    public void Before_any_execution_was_complete_nothing_is_carried_over()
    {
        var run = Shared();

        run.Emit("p", "out=10");

        Assert.Equal([ExecutionStatus.Incomplete], run.Statuses("s"));
    }

    [Fact]
    public void The_arrival_of_a_static_value_wakes_all_others_newest_first()
    {
        var run = Shared();
        run.Emit("p", "out=10", "out=20", "out=30");

        run.Emit("st", "out=1");

        var order = run.Log.OfType<RunEvent.NodeDispatched>().Select(runEvent => run.Executions.Single(execution => execution.Id == runEvent.NodeExecutionId)).Where(execution => execution.NodeId == "s");
        Assert.Equal(["10", "30", "20"], order.Select(execution => JsonValues.Compact(execution.Input["b"])));
        Assert.All(run.Of("s"), execution => Assert.Equal("1", JsonValues.Compact(execution.Input["a"])));
    }

    [Fact]
    public void The_value_is_carried_over_from_the_execution_that_was_queued_last()
    {
        var run = Shared();
        run.Emit("st", "out=1");
        run.Emit("p", "out=10");
        run.Emit("st", "out=2");

        run.Emit("p", "out=20", "out=30");

        Assert.Equal(["""{"a":1,"b":10}""", """{"a":2,"b":20}""", """{"a":2,"b":30}"""], run.Inputs("s"));
    }

    [Fact]
    public void A_carried_over_value_loses_to_a_link_and_wins_over_a_constant()
    {
        var run = Shared("""{"a": 99, "c": 3}""");
        run.Emit("st", "out=1");

        run.Emit("p", "out=10", "out=20");

        Assert.Equal(["""{"a":1,"b":10,"c":3}""", """{"a":1,"b":20,"c":3}"""], run.Inputs("s"));
    }

    [Fact]
    public void A_mask_wins_over_a_carried_over_value()
    {
        var run = Shared(mask: new PinValues(StringComparer.Ordinal) { ["a"] = JsonValues.From(7) });

        run.Emit("p", "out=10");
        run.Emit("st", "out=1");
        run.Emit("p", "out=20");

        Assert.All(run.Of("s").Where(execution => execution.Status != ExecutionStatus.Incomplete), execution => Assert.Equal("7", JsonValues.Compact(execution.Input["a"])));
    }

    [Fact]
    public void A_static_part_of_a_pin_is_carried_over_by_its_raw_name()
    {
        var run = new TestRun(new GraphBuilder().Node("st", FakeBlocks.Step).Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step)
            .Link("st.out", "s.a_#_x", isStatic: true).Link("p.out", "s.a_#_y")).Start();
        run.Emit("st", "out=1");

        run.Emit("p", "out=10", "out=20");

        Assert.Equal([(1, 10), (1, 20)], run.Of("s").Select(execution => execution.Input["a"]).Select(a => (a.GetProperty("x").GetInt32(), a.GetProperty("y").GetInt32())));
    }

    [Fact]
    public void A_value_that_is_not_static_is_used_once()
    {
        var run = new TestRun(new GraphBuilder().Node("st", FakeBlocks.Step).Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("st.out", "s.a").Link("p.out", "s.b")).Start();

        run.Emit("st", "out=1");
        run.Emit("p", "out=10", "out=20");

        Assert.Equal([ExecutionStatus.Running, ExecutionStatus.Incomplete], run.Statuses("s"));
    }

    private static TestRun Shared(string defaults = "{}", PinValues? mask = null) => new TestRun(
        new GraphBuilder().Node("st", FakeBlocks.Step).Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step, defaults).Link("st.out", "s.a", isStatic: true).Link("p.out", "s.b"),
        change: spec => mask is null ? spec : spec with { Masks = spec.Masks.Add("s", mask) }).Start();
}
