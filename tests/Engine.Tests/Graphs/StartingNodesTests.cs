namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 1.2.</summary>
public sealed class StartingNodesTests
{
    [Fact]
    public void Nodes_at_which_no_link_ends_start_in_the_order_of_the_graph() =>
        Assert.Equal(["c", "a"], Starts(new GraphBuilder().Node("c", FakeBlocks.Step).Node("b", FakeBlocks.Step).Node("a", FakeBlocks.Step).Link("a.out", "b.a")));

    [Fact]
    public void Input_nodes_start_even_when_links_end_at_them() =>
        Assert.Equal(["i"], Starts(new GraphBuilder().Node("i", FakeBlocks.Input).Node("s", FakeBlocks.Step).Link("i.result", "s.a").Link("s.out", "i.value")));

    [Fact]
    public void Notes_are_dropped() => Assert.Equal(["s"], Starts(new GraphBuilder().Node("n", FakeBlocks.Note).Node("s", FakeBlocks.Step)));

    [Fact]
    public void A_node_that_only_receives_from_itself_never_starts() => Assert.Empty(Starts(new GraphBuilder().Node("s", FakeBlocks.Step).Link("s.out", "s.a")));

    private static IEnumerable<string> Starts(GraphBuilder graph) => graph.Index().StartingNodes.Select(node => node.Id);
}
