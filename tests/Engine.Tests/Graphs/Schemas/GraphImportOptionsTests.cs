using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs.Schemas;

public sealed class GraphImportOptionsTests
{
    [Fact]
    public void The_root_gets_the_id_and_version_that_are_given()
    {
        var root = Import(new GraphBuilder().Node("a", FakeBlocks.Step).Build("old", 3), new GraphImportOptions { RootId = "mine", RootVersion = 9 });
        Assert.Equal(("mine", 9), (root.Id, root.Version));
        Assert.NotEqual("a", root.Nodes[0].Id);
    }

    [Fact]
    public void An_agent_may_name_a_graph_that_is_there_already()
    {
        var graph = new GraphBuilder().Node("a", FakeBlocks.Agent, GraphImportTests.AgentDefaults("known", 2, "", "")).Build();
        var root = Import(graph, new GraphImportOptions { Known = new HashSet<(string, int)> { ("known", 2) } });
        Assert.Equal("known", root.Nodes[0].InputDefault.GetProperty("graph_id").GetString());
        Assert.Throws<GraphValidationException>(() => Import(graph, new GraphImportOptions { Known = new HashSet<(string, int)> { ("known", 1) } }));
    }

    [Fact]
    public void A_document_of_the_api_may_leave_out_nodes_and_their_ids()
    {
        var next = 0;
        string NewId() => $"id-{next++}";
        Assert.Empty(GraphDocument.ReadBundle(JsonValues.Parse("""{"name": "x"}"""), NewId).Root.Nodes);
        var nodes = GraphDocument.ReadBundle(JsonValues.Parse("""{"nodes": [{"block_id": "b"}, {"id": "", "block_id": "b"}, {"id": "own", "block_id": "b"}]}"""), NewId).Root.Nodes;
        Assert.Equal(["id-0", "id-1", "own"], nodes.Select(node => node.Id));
        Assert.Throws<GraphValidationException>(() => GraphDocument.ReadBundle(JsonValues.Parse("""{"name": "x"}""")));
    }

    [Fact]
    public void References_are_those_that_name_id_and_version()
    {
        var builder = new GraphBuilder()
            .Node("a", FakeBlocks.Agent, """{"graph_id": "x", "graph_version": 1}""").Node("b", FakeBlocks.Agent, """{"graph_id": "x", "graph_version": 1}""")
            .Node("c", FakeBlocks.Agent, """{"graph_id": "x"}""").Node("d", FakeBlocks.Agent, """{"graph_id": "", "graph_version": 1}""").Node("e", FakeBlocks.Step, """{"graph_id": "y", "graph_version": 1}""");
        Assert.Equal([("x", 1)], AgentReferences.Of(builder.Build(), builder.Catalogue));
    }

    private static Graph Import(Graph graph, GraphImportOptions options)
    {
        var next = 0;
        return GraphImport.Import(new GraphBundle(graph, []), new FakeCatalogue(FakeBlocks.Step, FakeBlocks.Agent), "the-user", () => $"new-{next++}", options).Bundle.Root;
    }
}
