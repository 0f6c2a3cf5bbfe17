using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.6 and 2.7: how a value finds its execution.</summary>
public sealed class LinkRoutingTests
{
    [Fact]
    public void A_value_goes_to_the_earliest_execution_that_lacks_its_pin()
    {
        var run = Pair("s.a", "s.b");

        run.Emit("p", "out=1", "out=2");
        run.Emit("q", "out=10");
        Assert.Equal(["""{"a":1,"b":10}""", """{"a":2}"""], run.Inputs("s"));
        Assert.Equal([ExecutionStatus.Running, ExecutionStatus.Incomplete], run.Statuses("s"));

        run.Emit("q", "out=20");
        Assert.Equal(["""{"a":1,"b":10}""", """{"a":2,"b":20}"""], run.Inputs("s"));
    }

    [Fact]
    public void Parts_of_one_pin_are_different_pins()
    {
        var run = Pair("s.a_#_x", "s.a_#_y");

        run.Emit("p", "out=1");
        run.Emit("q", "out=2");

        Assert.Equal("""{"x":1,"y":2}""", JsonValues.Compact(Assert.Single(run.Of("s")).Input["a"]));
    }

    [Fact]
    public void Two_links_into_one_pin_make_two_executions()
    {
        var run = Pair("s.a", "s.a");

        run.Emit("p", "out=1");
        run.Emit("q", "out=2");

        Assert.Equal(["""{"a":1}""", """{"a":2}"""], run.Inputs("s"));
        Assert.Equal([ExecutionStatus.Running, ExecutionStatus.Running], run.Statuses("s"));
    }

    [Fact]
    public void A_producer_that_emits_n_times_makes_n_executions()
    {
        var run = Chain();

        run.Complete("p", "out=1", "out=2", "out=3");

        Assert.Equal(["""{"a":1}""", """{"a":2}""", """{"a":3}"""], run.Inputs("s"));
    }

    [Fact]
    public void An_output_without_a_link_goes_nowhere()
    {
        var run = Chain();

        run.Complete("p", "other=1", "unheard_of=2");

        Assert.Empty(run.Of("s"));
        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void A_null_flows_when_output_and_link_name_the_pin_alike()
    {
        var run = Chain();

        run.Complete("p", "out=null");

        Assert.Equal(["""{"a":null}"""], run.Inputs("s"));
    }

    [Fact]
    public void A_selected_null_does_not_flow()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out_#_k", "s.a")).Start();

        run.Complete("p", """out={"k":null}""", "out=5", """out={"k":7}""");

        Assert.Equal(["""{"a":7}"""], run.Inputs("s"));
    }

    [Fact]
    public void A_linked_pin_must_have_arrived_even_when_it_has_a_constant_and_a_default()
    {
        var run = new TestRun(new GraphBuilder()
            .Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step).Node("s", FakeBlocks.Adder, """{"b": 3}""").Link("p.out", "s.a").Link("q.out", "s.b")).Start();

        run.Complete("p", "out=1");
        run.Complete("q");

        Assert.Equal([ExecutionStatus.Incomplete], run.Statuses("s"));
        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void A_value_that_cannot_be_converted_leaves_its_execution_incomplete_and_loses_only_that_link()
    {
        var run = new TestRun(new GraphBuilder()
            .Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Adder).Node("t", FakeBlocks.Step).Link("p.out", "s.a").Link("p.out", "t.a")).Start();

        run.Complete("p", "out=\"-Infinity\"", "out=\"5.9\"");

        Assert.Equal([ExecutionStatus.Incomplete, ExecutionStatus.Running], run.Statuses("s"));
        Assert.Equal(["""{"a":"-Infinity"}""", """{"a":5}"""], run.Inputs("s"));
        Assert.Equal(2, run.Of("t").Count());
    }

    [Fact]
    public void A_part_whose_index_is_none_leaves_its_execution_incomplete()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a_$_x")).Start();

        run.Complete("p", "out=1");

        Assert.Equal([ExecutionStatus.Incomplete], run.Statuses("s"));
        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Links_of_one_output_are_followed_in_link_order()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("x", FakeBlocks.Step).Node("y", FakeBlocks.Step)
            .Link("p.out", "y.a").Link("p.out", "x.a").Link("p.out", "y.a")).Start();

        run.Complete("p", "out=1");

        Assert.Equal(["p", "y", "x", "y"], run.Dispatched);
    }

    [Fact]
    public void A_tool_call_reaches_only_the_node_and_pin_it_names()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("x", FakeBlocks.Step).Node("y", FakeBlocks.Step)
            .Link("p.tools", "x.a").Link("p.tools", "y.a")).Start();

        run.Complete("p", "tools_^_y_~_a=1");

        Assert.Empty(run.Of("x"));
        Assert.Equal(["""{"a":1}"""], run.Inputs("y"));
    }

    [Fact]
    public void A_mask_wins_over_a_link_and_a_link_over_a_constant()
    {
        var mask = new PinValues(StringComparer.Ordinal) { ["a"] = JsonValues.From(100) };
        var run = new TestRun(
            new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step, """{"a": 1, "b": 2, "c": 3}""").Link("p.out", "s.a").Link("p.out", "s.b"),
            change: spec => spec with { Masks = spec.Masks.Add("s", mask) }).Start();

        run.Complete("p", "out=50");

        Assert.Equal(["""{"a":100,"b":50,"c":3}"""], run.Inputs("s"));
    }

    [Fact]
    public void A_mask_does_not_stand_in_for_a_value_that_has_arrived_elsewhere()
    {
        var run = Pair("s.a", "s.b", spec => spec with { Masks = spec.Masks.Add("s", new PinValues(StringComparer.Ordinal) { ["b"] = JsonValues.From(9) }) });

        run.Emit("p", "out=1", "out=2");

        Assert.Equal(["""{"a":1,"b":9}""", """{"a":2,"b":9}"""], run.Inputs("s"));
    }

    [Fact]
    public void An_agent_node_waits_for_its_links_and_takes_its_constants_from_inputs()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)
            .Node("g", FakeBlocks.Agent, """{"graph_id": "x", "graph_version": 1, "user_id": "u", "input_schema": {}, "output_schema": {}, "inputs": {"k": 1, "x": 2}}""")
            .Link("p.out", "g.x")).Start();

        run.Complete("p", "out=5");

        Assert.Equal(["""{"k":1,"x":5}"""], run.Inputs("g"));
    }

    private static TestRun Chain() => new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", "s.a")).Start();

    private static TestRun Pair(string first, string second, Func<RunSpec, RunSpec>? change = null) => new TestRun(
        new GraphBuilder().Node("p", FakeBlocks.Step).Node("q", FakeBlocks.Step).Node("s", FakeBlocks.Step).Link("p.out", first).Link("q.out", second), change: change).Start();
}
