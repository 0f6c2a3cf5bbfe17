using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 1.6.</summary>
public sealed class NodeChecksTests
{
    private static readonly BlockDefinition Dependent = FakeBlocks.WithPin(
        FakeBlocks.Of("Dependent", "mode:string=null", "out:any"),
        new PinDefinition { Name = "detail", Type = PinType.Any, Default = JsonValues.Null, DependsOn = ["mode"] });

    [Fact]
    public void A_required_pin_without_a_value_is_an_error_when_running_but_not_when_saving()
    {
        var graph = new GraphBuilder().Node("n", FakeBlocks.Adder);

        Assert.Equal([("n", "a")], Check(graph, forRun: true));
        Assert.Empty(Check(graph, forRun: false));
    }

    [Fact]
    public void Input_output_and_agent_nodes_must_be_complete_when_saving_too()
    {
        var graph = new GraphBuilder().Node("i", FakeBlocks.Input).Node("o", FakeBlocks.Output).Node("g", FakeBlocks.Agent, """{"graph_id": "x", "graph_version": 1}""");

        Assert.Equal([("i", "name"), ("o", "name"), ("g", "user_id"), ("g", "inputs"), ("g", "input_schema"), ("g", "output_schema")], Check(graph, forRun: false));
    }

    [Theory]
    [InlineData("""{"a": 1}""")]
    [InlineData("""{"a": null}""")]
    [InlineData("""{"a_$_0": 1}""")]
    public void A_constant_provides_a_pin(string defaults) => Assert.Empty(Check(new GraphBuilder().Node("n", FakeBlocks.Adder, defaults), forRun: true));

    [Theory]
    [InlineData("n.a")]
    [InlineData("n.a_#_x")]
    public void A_link_provides_a_pin(string sink) =>
        Assert.Empty(Check(new GraphBuilder().Node("s", FakeBlocks.Step).Node("n", FakeBlocks.Adder).Link("s.out", sink), forRun: true));

    [Fact]
    public void A_mask_provides_a_pin_by_its_raw_name()
    {
        var graph = new GraphBuilder().Node("n", FakeBlocks.Adder);

        Assert.Empty(Check(graph, forRun: true, Mask("n", "a", "1")));
        Assert.NotEmpty(Check(graph, forRun: true, Mask("n", "a_$_0", "1")));
        Assert.NotEmpty(Check(graph, forRun: true, Mask("other", "a", "1")));
    }

    [Fact]
    public void Credentials_are_exempt() => Assert.Empty(Check(new GraphBuilder().Node("n", FakeBlocks.Model, """{"prompt": "p"}"""), forRun: true));

    [Theory]
    [InlineData("credentials", true)]
    [InlineData("my_credentials", true)]
    [InlineData("credentials_2", false)]
    [InlineData("Credentials", false)]
    public void Some_names_of_inputs_are_reserved(string name, bool reserved)
    {
        (string, string)[] expected = reserved ? [("i", "name")] : [];
        var graph = new GraphBuilder().Node("i", FakeBlocks.Input, $$"""{"name": "{{name}}"}""");

        Assert.Equal(expected, Check(graph, forRun: false));
        Assert.Equal(expected, Check(graph, forRun: true));
    }

    [Fact]
    public void An_output_may_have_a_reserved_name() =>
        Assert.Empty(Check(new GraphBuilder().Node("o", FakeBlocks.Output, """{"name": "credentials"}"""), forRun: true));

    [Theory]
    [InlineData("""{"detail": 1}""", true)]
    [InlineData("""{"detail": 1, "mode": "m"}""", false)]
    [InlineData("""{"detail": ""}""", false)]
    [InlineData("""{"detail": "  "}""", false)]
    [InlineData("""{"detail": null}""", false)]
    [InlineData("{}", false)]
    public void A_pin_with_a_value_needs_the_pins_it_depends_on_when_running(string defaults, bool wrong)
    {
        var graph = new GraphBuilder().Node("n", Dependent, defaults);

        Assert.Equal(wrong ? [("n", "detail")] : [], Check(graph, forRun: true));
        Assert.Empty(Check(graph, forRun: false));
    }

    [Fact]
    public void A_mask_gives_the_dependent_pin_a_value() =>
        Assert.Equal([("n", "detail")], Check(new GraphBuilder().Node("n", Dependent), forRun: true, Mask("n", "detail", "1")));

    [Fact]
    public void A_dependent_pin_with_a_default_or_with_none_at_all_counts_as_having_a_value()
    {
        foreach (var fallback in new JsonElement?[] { JsonValues.From(1), null })
        {
            var block = FakeBlocks.WithPin(Dependent, new PinDefinition { Name = "detail", Type = PinType.Any, Default = fallback, DependsOn = ["mode"] });
            Assert.Equal([("n", "detail")], Check(new GraphBuilder().Node("n", block), forRun: true));
        }
    }

    [Fact]
    public void A_discriminator_is_a_dependency_also_when_saving()
    {
        var noDefault = FakeBlocks.WithPin(FakeBlocks.Model, new PinDefinition { Name = "model", Type = PinType.String, Default = JsonValues.Null });

        Assert.Equal([("n", "credentials")], Check(new GraphBuilder().Node("n", noDefault, """{"prompt": "p"}"""), forRun: false));
        Assert.Empty(Check(new GraphBuilder().Node("n", noDefault, """{"prompt": "p", "model": "m1"}"""), forRun: false));
        Assert.Empty(Check(new GraphBuilder().Node("n", FakeBlocks.Model, """{"prompt": "p"}"""), forRun: false));
    }

    [Fact]
    public void An_unknown_block_cannot_run() => Assert.Equal([("u", "block_id")], Check(new GraphBuilder().Unknown("u"), forRun: true));

    [Fact]
    public void Notes_and_stand_ins_are_not_checked() =>
        Assert.Empty(Check(new GraphBuilder().Node("n", FakeBlocks.Note).Node("d", FakeBlocks.Adder with { AcceptsAnyPin = true }), forRun: true));

    [Fact]
    public void All_problems_are_listed_with_the_title_of_the_node()
    {
        var problems = GraphValidator.CheckNodes(
            new GraphBuilder().Node("n1", FakeBlocks.Adder, metadata: """{"customized_name": "Sum up"}""").Node("n2", FakeBlocks.Adder).Index(), forRun: true).ToList();

        Assert.Equal(["Node n1 (AdderBlock) \"Sum up\" needs a value for 'a'", "Node n2 (AdderBlock) needs a value for 'a'"], problems.Select(problem => problem.Message));
    }

    private static Dictionary<string, IReadOnlyDictionary<string, JsonElement>> Mask(string node, string pin, string value) => new(StringComparer.Ordinal)
    {
        [node] = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { [pin] = JsonValues.Parse(value) },
    };

    private static List<(string Node, string Field)> Check(GraphBuilder graph, bool forRun, Dictionary<string, IReadOnlyDictionary<string, JsonElement>>? masks = null) =>
        [.. GraphValidator.CheckNodes(graph.Index(), forRun, masks).Select(problem => (problem.NodeId!, problem.Field!))];
}
