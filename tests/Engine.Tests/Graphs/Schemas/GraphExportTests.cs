using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs.Schemas;

public sealed class GraphExportTests
{
    [Theory]
    [InlineData("""{"a": 1, "My_Token": "x", "client_secret": {"a": 1}, "passwords": []}""", """{"a":1}""")]
    [InlineData("""{"a": {"api_key": "x", "b": {"credentials": 1, "c": 2}}}""", """{"a":{"b":{"c":2}}}""")]
    [InlineData("""{"a": 1, "To\u212Aen": "x", "SECRET\u0130": "x", "secr\u00E8t": "y"}""", """{"a":1,"secrèt":"y"}""")]
    [InlineData("""{"secret": false, "has_token": true}""", """{"secret":false,"has_token":true}""")]
    public void Members_whose_names_are_those_of_secrets_are_dropped_unless_they_are_flags(string defaults, string expected)
    {
        var builder = new GraphBuilder().Node("a", FakeBlocks.Step, defaults);
        Assert.Equal(expected, JsonValues.Compact(GraphExport.Strip(builder.Build(), builder.Catalogue).Nodes[0].InputDefault));
    }

    [Fact]
    public void Pins_that_are_secret_are_dropped()
    {
        var block = FakeBlocks.Of("Login", "user:string pass:string", "") with { };
        block = block with { Inputs = [block.Inputs[0], block.Inputs[1] with { Secret = true }] };
        var builder = new GraphBuilder().Node("a", block, """{"user": "me", "pass": "x"}""");
        Assert.Equal("""{"user":"me"}""", JsonValues.Compact(GraphExport.Strip(builder.Build(), builder.Catalogue).Nodes[0].InputDefault));
    }

    [Fact]
    public void A_secret_input_loses_its_value_and_a_plain_one_keeps_it()
    {
        var builder = new GraphBuilder().Node("a", FakeBlocks.Input, """{"name": "k", "value": "x", "secret": true}""").Node("b", FakeBlocks.Input, """{"name": "n", "value": "y", "secret": false}""");
        var nodes = GraphExport.Strip(builder.Build(), builder.Catalogue).Nodes;
        Assert.Equal("""{"name":"k","secret":true}""", JsonValues.Compact(nodes[0].InputDefault));
        Assert.Equal("""{"name":"n","value":"y","secret":false}""", JsonValues.Compact(nodes[1].InputDefault));
    }

    [Fact]
    public void Webhooks_and_the_user_of_an_agent_stay_behind()
    {
        var builder = new GraphBuilder().Node("a", FakeBlocks.Agent, """{"user_id": "me", "graph_id": "g"}""");
        var graph = builder.Build();
        graph = graph with { Nodes = [graph.Nodes[0] with { WebhookId = "hook" }] };
        var node = GraphExport.Strip(graph, builder.Catalogue).Nodes[0];
        Assert.Null(node.WebhookId);
        Assert.Equal("""{"graph_id":"g"}""", JsonValues.Compact(node.InputDefault));
    }
}
