using System.Collections.Immutable;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

public sealed class UnstartedNodesTests
{
    private static readonly Guid First = new("7c5f1b9e-0c1d-4c2b-8a73-2f9d1f4f6a01");

    [Fact]
    public void Nodes_that_nothing_has_reached_are_told_in_the_order_of_the_document_without_notes_and_those_that_ran()
    {
        var graph = new GraphBuilder()
            .Node("note", FakeBlocks.Note).Node("late", FakeBlocks.Step).Node("start", FakeBlocks.Step).Node("also", FakeBlocks.Step, metadata: """{"customized_name": "The second"}""")
            .Link("start.out", "late.a").Link("also.other", "late.b");

        Assert.Equal(["late: No value has come to a (from out of Step), b (from other of The second)."], Of(graph, ["start", "also"]));
        Assert.Equal(["late: No value has come to a (from out of Step), b (from other of The second).", "also: Its turn has not come."], Of(graph, ["start"]));
    }

    [Fact]
    public void Of_many_links_the_first_three_are_named()
    {
        var graph = new GraphBuilder().Node("start", FakeBlocks.Step).Node("end", FakeBlocks.Step);
        foreach (var pin in new[] { "a", "b", "c", "a_#_x", "b_#_y" }) graph.Link("start.out", "end." + pin);

        Assert.Equal(["end: No value has come to a (from out of Step), b (from out of Step), c (from out of Step) and 2 more."], Of(graph, ["start"]));
    }

    [Fact]
    public void Executions_that_wait_are_told_once_for_their_node_with_what_the_first_lacks_also_where_others_ran()
    {
        var graph = Two();

        Assert.Equal(["end 1: An execution has values, but none has come to b (from other of Step)."], Of(graph, ["start"], Waits("""{"a": 1}""")));
        Assert.Equal(["end 1: 3 executions have values, but none has come to b (from other of Step)."], Of(graph, ["start", "end"], Waits("""{"a": 1}""", count: 3)));
    }

    [Fact]
    public void A_value_of_the_mask_has_come()
    {
        var mask = ImmutableDictionary<string, PinValues>.Empty.Add("end", new PinValues(StringComparer.Ordinal) { ["b"] = JsonValues.From(2) });
        Assert.Equal(["end 1: Its turn has not come."], Of(Two(), ["start"], Waits("""{"a": 1}"""), spec => spec with { Masks = mask }));
    }

    [Fact]
    public void An_execution_with_all_values_is_told_with_why_it_cannot_start()
    {
        var graph = new GraphBuilder().Node("start", FakeBlocks.Step).Node("end", FakeBlocks.Step).Link("start.out", "end.a_$_x");
        var told = Assert.Single(Of(graph, ["start"], Waits("""{"a_$_x": 1}""")));
        Assert.StartsWith("end 1: An execution has values and cannot start: ", told, StringComparison.Ordinal);
        Assert.Contains("'x' is not an index", told, StringComparison.Ordinal);
    }

    private static GraphBuilder Two() => new GraphBuilder().Node("start", FakeBlocks.Step).Node("end", FakeBlocks.Step).Link("start.out", "end.a").Link("start.other", "end.b");

    private static WaitingNode Waits(string input, int count = 1) => new(First, "end", JsonValues.Parse(input), count);

    private static IEnumerable<string> Of(GraphBuilder builder, string[] executed, WaitingNode? waiting = null, Func<RunSpec, RunSpec>? change = null)
    {
        var graph = builder.Index();
        var spec = RunPlanner.Plan(graph, TestRun.Request());
        return UnstartedNodes.Of(graph, change?.Invoke(spec) ?? spec, executed.ToHashSet(StringComparer.Ordinal), waiting is null ? [] : [waiting])
            .Select(node => $"{node.NodeId}{(node.NodeExecutionId is null ? "" : node.NodeExecutionId == First ? " 1" : " ?")}: {node.Reason}");
    }
}
