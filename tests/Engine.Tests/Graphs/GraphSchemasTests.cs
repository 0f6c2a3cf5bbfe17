using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 1.3.</summary>
public sealed class GraphSchemasTests
{
    [Fact]
    public void A_property_is_the_schema_of_the_value_pin_without_its_description_and_default() =>
        Assert.Equal(
            """{"type":"object","properties":{"n":{"title":"n","x":1,"secret":false,"advanced":false}},"required":["n"]}""",
            Input("""{"name": "n"}"""));

    [Fact]
    public void What_the_node_says_is_laid_over_it() =>
        Assert.Equal(
            """{"type":"object","properties":{"n":{"title":"T","x":1,"secret":true,"advanced":true,"description":"D","default":5.0}},"required":[]}""",
            Input("""{"name": "n", "title": "T", "description": "D", "secret": true, "advanced": true, "value": 5.0}"""));

    [Theory]
    [InlineData("""{"name": "n", "advanced": true}""", false)]
    [InlineData("""{"name": "n", "advanced": true, "value": ""}""", true)]
    public void Only_an_input_with_a_default_is_advanced(string defaults, bool advanced) =>
        Assert.Contains($"\"advanced\":{(advanced ? "true" : "false")}", Input(defaults), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"name": "n", "placeholder_values": ["a", 1]}""", true)]
    [InlineData("""{"name": "n", "placeholder_values": []}""", false)]
    [InlineData("""{"name": "n", "placeholder_values": "x"}""", false)]
    public void Placeholders_become_an_enum(string defaults, bool listed) =>
        Assert.Equal(listed, Input(defaults).Contains("\"enum\":[\"a\",1]", StringComparison.Ordinal));

    [Fact]
    public void Falsy_values_are_defaults_and_null_is_none()
    {
        var graph = new GraphBuilder()
            .Node("1", FakeBlocks.Input, """{"name": "zero", "value": 0}""").Node("2", FakeBlocks.Input, """{"name": "empty", "value": ""}""")
            .Node("3", FakeBlocks.Input, """{"name": "null", "value": null}""").Node("4", FakeBlocks.Input, """{"name": "none"}""");

        Assert.Equal("""["null","none"]""", JsonValues.Compact(GraphSchemas.Input(graph.Index()).GetProperty("required")));
    }

    [Fact]
    public void The_default_of_the_block_counts_where_the_node_has_none()
    {
        var toggle = FakeBlocks.Of("Toggle", "name:string value:boolean=false", "result:boolean", Catalogue.BlockKind.Input);

        var schema = GraphSchemas.Input(new GraphBuilder().Node("t", toggle, """{"name": "n"}""").Index());

        Assert.Equal("false", JsonValues.Compact(schema.GetProperty("properties").GetProperty("n").GetProperty("default")));
        Assert.Equal(0, schema.GetProperty("required").GetArrayLength());
    }

    [Fact]
    public void Of_two_nodes_with_one_name_the_last_wins()
    {
        var graph = new GraphBuilder().Node("1", FakeBlocks.Input, """{"name": "n", "title": "first"}""").Node("2", FakeBlocks.Input, """{"name": "n", "title": "last", "value": 1}""");

        var schema = GraphSchemas.Input(graph.Index());

        Assert.Equal("last", schema.GetProperty("properties").GetProperty("n").GetProperty("title").GetString());
        Assert.Equal("[]", JsonValues.Compact(schema.GetProperty("required")));
    }

    [Fact]
    public void Inputs_and_outputs_are_kept_apart_and_nodes_without_a_name_left_out()
    {
        var graph = new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "in"}""").Node("o", FakeBlocks.Output, """{"name": "out"}""")
            .Node("x", FakeBlocks.Input).Node("s", FakeBlocks.Step, """{"name": "step"}""").Index();

        Assert.Equal(["in"], GraphSchemas.Input(graph).GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal(["out"], GraphSchemas.Output(graph).GetProperty("properties").EnumerateObject().Select(property => property.Name));
    }

    private static string Input(string defaults) => JsonValues.Compact(GraphSchemas.Input(new GraphBuilder().Node("i", FakeBlocks.Input, defaults).Index()));
}
