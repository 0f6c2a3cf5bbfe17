using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 1.5.</summary>
public sealed class GraphStructureTests
{
    [Fact]
    public void A_sound_graph_has_no_problem() => Assert.Empty(Check(Two().Link("a.out", "b.a")));

    [Theory]
    [InlineData("x.out", "b.a")]
    [InlineData("a.out", "x.a")]
    public void Both_ends_of_a_link_must_be_nodes(string source, string sink) =>
        Assert.Contains("node x, which is not in the graph", Assert.Single(Check(Two().Link(source, sink))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_pins_of_an_unknown_block_are_not_checked() => Assert.Empty(Check(Two().Unknown("u").Link("a.out", "u.anything").Link("u.whatever", "b.a")));

    [Theory]
    [InlineData("a.out_#_part", "b.a_$_0")]
    [InlineData("a.tools_^_x_~_y", "b.a")]
    [InlineData("a.tools", "b.a")]
    [InlineData("a.out", "b.tools")]
    public void Base_pins_are_looked_up_and_tool_pins_are_exempt(string source, string sink) => Assert.Empty(Check(Two().Link(source, sink)));

    [Theory]
    [InlineData("a.a", "b.a", "a")]
    [InlineData("a.out", "b.out", "out")]
    [InlineData("a.gone_#_x", "b.a", "gone_#_x")]
    public void A_pin_must_be_an_output_at_the_source_and_an_input_at_the_sink(string source, string sink, string pin) =>
        Assert.Equal(pin, Assert.Single(Check(Two().Link(source, sink))).Field);

    [Fact]
    public void Cycles_are_legal() => Assert.Empty(Check(Two().Link("a.out", "b.a").Link("b.out", "a.a").Link("a.other", "a.b")));

    [Fact]
    public void Types_of_connected_pins_are_not_compared() =>
        Assert.Empty(Check(new GraphBuilder().Node("a", FakeBlocks.Model).Node("b", FakeBlocks.Adder).Link("a.response", "b.a")));

    [Fact]
    public void A_block_that_takes_any_pin_is_not_checked() =>
        Assert.Empty(Check(new GraphBuilder().Node("a", FakeBlocks.Step with { AcceptsAnyPin = true }).Link("a.x", "a.y")));

    private static GraphBuilder Two() => new GraphBuilder().Node("a", FakeBlocks.Step).Node("b", FakeBlocks.Step);

    private static List<GraphProblem> Check(GraphBuilder graph) => [.. GraphValidator.CheckStructure(graph.Build(), graph.Catalogue)];
}
