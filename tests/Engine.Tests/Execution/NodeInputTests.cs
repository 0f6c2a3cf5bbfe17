using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.6, step by step.</summary>
public sealed class NodeInputTests
{
    [Fact]
    public void Step_1_an_unknown_block_is_not_valid() => Assert.Contains("Block gone of node n is not known", Refused(new GraphBuilder().Unknown("n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("n.a_#_x", """{"a": 1}""", "'a_#_x'")]
    [InlineData("n.b", """{"a": 1}""", "'b'")]
    public void Step_2_every_linked_pin_must_be_there_by_its_raw_name(string sink, string arrived, string pin)
    {
        foreach (var isStatic in new[] { false, true })
            Assert.Contains(pin, Refused(new GraphBuilder().Node("p", FakeBlocks.Step).Node("n", FakeBlocks.Step).Link("p.out", sink, isStatic), arrived), StringComparison.Ordinal);
    }

    [Fact]
    public void Step_2_a_null_counts_as_there() =>
        Assert.Equal("""{"a":null}""", Prepared(new GraphBuilder().Node("p", FakeBlocks.Step).Node("n", FakeBlocks.Step).Link("p.out", "n.a"), """{"a": null}"""));

    [Fact]
    public void Step_3_what_arrived_is_laid_over_the_constants_which_come_first() =>
        Assert.Equal("""{"c":3,"a":10,"b":2}""", Prepared(new GraphBuilder().Node("n", FakeBlocks.Step, """{"c": 3, "a": 1}"""), """{"b": 2, "a": 10}"""));

    [Fact]
    public void Step_3_the_defaults_of_the_block_are_not_laid_under_it() =>
        Assert.Equal("""{"a":1}""", Prepared(new GraphBuilder().Node("n", FakeBlocks.Adder), """{"a": 1}"""));

    [Fact]
    public void Step_4_parts_are_merged_only_when_asked()
    {
        var graph = new GraphBuilder().Node("n", FakeBlocks.Step, """{"a_#_x": 1}""");

        Assert.Equal("""{"a_#_x":1,"a":{"x":1}}""", Prepared(graph));
        Assert.Equal("""{"a_#_x":1}""", Prepared(graph, resolve: false));
    }

    [Fact]
    public void Step_4_an_index_that_is_none_is_an_error() => Assert.Contains("'x' is not an index", Refused(new GraphBuilder().Node("n", FakeBlocks.Step, """{"a_$_x": 1}""")), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"5.9\"", "5")]
    [InlineData("[1, 2]", "2")]
    [InlineData("\"\"", "0")]
    [InlineData("null", "null")]
    public void Step_5_values_are_converted_and_null_is_not(string value, string expected) =>
        Assert.Equal($$"""{"a":{{expected}}}""", Prepared(new GraphBuilder().Node("n", FakeBlocks.Adder), $$"""{"a": {{value}}}"""));

    [Fact]
    public void Step_5_inherited_fields_are_checked_but_not_converted()
    {
        var block = FakeBlocks.WithPin(FakeBlocks.Step, new PinDefinition { Name = "inherited", Type = PinType.Integer, Converted = false, Default = JsonValues.Null });

        Assert.Equal("""{"inherited":5}""", Prepared(new GraphBuilder().Node("n", block), """{"inherited": 5}"""));
        Assert.Contains("must be of type integer", Refused(new GraphBuilder().Node("n", block), """{"inherited": "5"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Step_5_a_value_that_cannot_be_converted_names_its_pin() =>
        Assert.StartsWith("'a':", Refused(new GraphBuilder().Node("n", FakeBlocks.Adder), """{"a": "Infinity"}"""), StringComparison.Ordinal);

    [Fact]
    public void Step_6_required_pins_must_be_there_and_null_is_there()
    {
        Assert.Equal("'a' has no value.", Refused(new GraphBuilder().Node("n", FakeBlocks.Adder), """{"b": 1}"""));
        Assert.Equal("""{"a":null}""", Prepared(new GraphBuilder().Node("n", FakeBlocks.Adder), """{"a": null}"""));
    }

    [Fact]
    public void Step_7_values_are_checked_against_the_schema() =>
        Assert.Contains("must be one of 'x', 'y'", Refused(new GraphBuilder().Node("n", Checked("a:enum(x|y)")), """{"a": "z"}"""), StringComparison.Ordinal);

    [Fact]
    public void Pins_that_the_block_does_not_have_pass() => Assert.Equal("""{"gone":{"k":1}}""", Prepared(new GraphBuilder().Node("n", FakeBlocks.Step), """{"gone": {"k": 1}}"""));

    [Fact]
    public void A_stand_in_takes_anything() => Assert.Equal("""{"a":"x"}""", Prepared(new GraphBuilder().Node("n", FakeBlocks.Adder with { AcceptsAnyPin = true }), """{"a": "x"}"""));

    [Theory]
    [InlineData("""{"graph_id": "g", "inputs": {"x": 1, "y": 2}}""", """{"x":9,"y":2}""")]
    [InlineData("""{"graph_id": "g"}""", """{"x":9}""")]
    [InlineData("""{"graph_id": "g", "inputs": null}""", """{"x":9}""")]
    public void An_agent_node_takes_its_constants_from_inputs(string defaults, string expected) =>
        Assert.Equal(expected, Prepared(new GraphBuilder().Node("n", FakeBlocks.Agent, defaults), """{"x": 9}"""));

    [Fact]
    public void The_block_of_an_agent_node_gets_its_constants_with_the_inputs_replaced()
    {
        var graph = new GraphBuilder().Node("n", FakeBlocks.Agent, """{"graph_id": "g", "inputs": {"y": 2}, "user_id": "u"}""").Index();
        var prepared = new PinValues(StringComparer.Ordinal) { ["x"] = JsonValues.From(9) };

        Assert.Equal("""{"graph_id":"g","inputs":{"x":9},"user_id":"u"}""", JsonValues.Compact(NodeInput.ForBlock(graph.Node("n"), FakeBlocks.Agent, prepared)));
        Assert.Equal("""{"x":9}""", JsonValues.Compact(NodeInput.ForBlock(graph.Node("n"), FakeBlocks.Step, prepared)));
    }

    private static BlockDefinition Checked(string inputs) => FakeBlocks.Of("Checked", inputs, "out:any");

    private static string Prepared(GraphBuilder graph, string arrived = "{}", bool resolve = true)
    {
        Assert.True(TryPrepare(graph, arrived, resolve, out var prepared, out var error), error);
        return JsonValues.Compact(JsonValues.Object(prepared!));
    }

    private static string Refused(GraphBuilder graph, string arrived = "{}")
    {
        Assert.False(TryPrepare(graph, arrived, resolve: true, out var prepared, out var error));
        Assert.Null(prepared);
        return error!;
    }

    private static bool TryPrepare(GraphBuilder graph, string arrived, bool resolve, out PinValues? prepared, out string? error)
    {
        var values = new PinValues(StringComparer.Ordinal);
        foreach (var member in JsonValues.Parse(arrived).EnumerateObject()) values[member.Name] = member.Value;
        var index = graph.Index();
        return NodeInput.TryPrepare(index, index.Node("n"), values, resolve, out prepared, out error);
    }
}
