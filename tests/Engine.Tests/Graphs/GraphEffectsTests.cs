using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Tests.Graphs;

public sealed class GraphEffectsTests
{
    private static readonly BlockDefinition None = FakeBlocks.Step with { Id = "none", Effect = BlockEffect.None };
    private static readonly BlockDefinition Reads = FakeBlocks.Step with { Id = "reads", Effect = BlockEffect.Read };
    private static readonly BlockDefinition Undeclared = FakeBlocks.Of("Undeclared", "a:any=null", "out:any");

    private static readonly BlockDefinition Request = FakeBlocks.Of("Request", "method:string=\"POST\" url:string", "response:any")
        with
    { Effect = BlockEffect.Irreversible, EffectByPin = new EffectByPin("method", EffectByPin.OfMethods) };

    [Fact]
    public void A_graph_has_the_effect_of_its_worst_node()
    {
        Assert.Equal(BlockEffect.None, GraphEffects.Of(new GraphBuilder().Index()));
        Assert.Equal(BlockEffect.None, GraphEffects.Of(new GraphBuilder().Node("a", None).Index()));
        Assert.Equal(BlockEffect.Read, GraphEffects.Of(new GraphBuilder().Node("a", None).Node("b", Reads).Index()));
    }

    [Fact]
    public void A_block_that_declares_nothing_and_one_that_is_not_known_change_something()
    {
        Assert.Equal(BlockEffect.Write, GraphEffects.Of(new GraphBuilder().Node("a", Undeclared).Index()));
        Assert.Equal(BlockEffect.Write, GraphEffects.Of(new GraphBuilder().Unknown("a").Index()));
    }

    [Fact]
    public void A_note_has_no_effect() => Assert.Equal(BlockEffect.None, GraphEffects.Of(new GraphBuilder().Node("a", FakeBlocks.Note).Index()));

    [Theory]
    [InlineData("""{"method": "GET"}""", BlockEffect.Read)]
    [InlineData("""{"method": "OPTIONS"}""", BlockEffect.Read)]
    [InlineData("""{"method": "PUT"}""", BlockEffect.Write)]
    [InlineData("""{"method": "DELETE"}""", BlockEffect.Write)]
    [InlineData("""{"method": "PATCH"}""", BlockEffect.Irreversible)]
    [InlineData("""{"method": "POST"}""", BlockEffect.Irreversible)]
    [InlineData("""{"method": 5}""", BlockEffect.Irreversible)]
    [InlineData("{}", BlockEffect.Irreversible)]
    public void A_request_has_the_effect_of_its_method(string defaults, BlockEffect expected) =>
        Assert.Equal(expected, GraphEffects.Of(new GraphBuilder().Node("a", Request, defaults).Index()));

    [Fact]
    public void A_method_that_comes_over_a_link_may_be_any()
    {
        var graph = new GraphBuilder().Node("s", None).Node("a", Request, """{"method": "GET"}""");
        Assert.Equal(BlockEffect.Read, GraphEffects.Of(graph.Index()));
        Assert.Equal(BlockEffect.Irreversible, GraphEffects.Of(graph.Link("s.out", "a.method").Index()));
    }
}
