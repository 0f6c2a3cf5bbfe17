using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 1.5 rule 4; quirk 1 of block-tiers: shipped agents loop.</summary>
public sealed class CycleTests
{
    [Fact]
    public void A_list_that_is_fed_back_collects_the_items_in_order()
    {
        var run = new TestRun(new GraphBuilder()
            .Node("items", FakeBlocks.Step).Node("empty", FakeBlocks.Step).Node("add", FakeBlocks.Step).Node("result", FakeBlocks.Output, """{"name": "list"}""")
            .Link("items.out", "add.b").Link("empty.out", "add.a").Link("add.out", "add.a").Link("add.out", "result.value")).Start();

        run.Complete("items", "out=1", "out=2", "out=3");
        run.Complete("empty", "out=[]");
        for (var i = 0; i < 3; i++)
        {
            var next = run.InFlight("add");
            run.Complete(next, $"out={JsonValues.Compact(JsonValues.Array([.. next.Input["a"].EnumerateArray(), next.Input["b"]]))}");
        }

        foreach (var _ in Enumerable.Range(0, 3)) run.Complete("result");

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
        Assert.Equal(["[1]", "[1,2]", "[1,2,3]"], run.Results()["list"].Select(JsonValues.Compact));
        Assert.Equal(["""{"a":[],"b":1}""", """{"a":[1],"b":2}""", """{"a":[1,2],"b":3}""", """{"a":[1,2,3]}"""], run.Inputs("add"));
        Assert.Equal(ExecutionStatus.Incomplete, run.Statuses("add").Last());
    }

    [Fact]
    public void A_loop_through_a_condition_goes_round_until_the_other_branch_is_taken()
    {
        var run = new TestRun(new GraphBuilder()
            .Node("start", FakeBlocks.Step).Node("work", FakeBlocks.Step).Node("check", FakeBlocks.Step).Node("end", FakeBlocks.Step)
            .Link("start.out", "work.a").Link("work.out", "check.a").Link("check.out", "end.a").Link("check.other", "work.a")).Start();

        run.Complete("start", "out=0");
        for (var round = 1; round <= 4; round++)
        {
            run.Complete("work", $"out={round}");
            run.Complete("check", round < 4 ? $"other={round}" : $"out={round}");
        }

        run.Complete("end");

        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
        Assert.Equal(["""{"a":4}"""], run.Inputs("end"));
        Assert.Equal(10, run.Run.Stats.NodeExecCount);
    }

    [Fact]
    public void A_static_value_serves_every_round_of_a_loop()
    {
        var run = new TestRun(new GraphBuilder()
            .Node("limit", FakeBlocks.Store, """{"input": 9}""").Node("start", FakeBlocks.Step).Node("work", FakeBlocks.Step)
            .Link("limit.output", "work.b", isStatic: true).Link("start.out", "work.a").Link("work.out", "work.a")).Start();
        run.Complete("start", "out=0");
        run.Complete("limit", "output=9");

        for (var round = 1; round <= 3; round++) run.Complete("work", $"out={round}");

        Assert.Equal(["""{"a":0,"b":9}""", """{"a":1,"b":9}""", """{"a":2,"b":9}""", """{"a":3,"b":9}"""], run.Inputs("work"));
    }
}
