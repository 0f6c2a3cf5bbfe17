using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Tests.Graphs;

public sealed class GraphImportVectorsTests
{
    private const string Refused = "Discord Chatbot with History_v145.json";

    [Theory]
    [AgentFile]
    public void A_real_export_imports_with_ids_of_its_own(string file)
    {
        if (file == Refused) return;
        var bundle = GraphDocument.ReadBundle(ContractFiles.ReadAgent(file));

        var imported = Import(file);

        var old = bundle.All.SelectMany(graph => graph.Nodes.Select(node => node.Id).Concat(graph.Links.Select(link => link.Id)).Append(graph.Id)).ToHashSet(StringComparer.Ordinal);
        foreach (var graph in imported.Bundle.All)
        {
            var nodes = graph.Nodes.Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
            Assert.All(graph.Links, link => Assert.True(nodes.Contains(link.SourceId) && nodes.Contains(link.SinkId)));
            Assert.DoesNotContain(nodes.Concat(graph.Links.Select(link => link.Id)).Append(graph.Id), old.Contains);
            Assert.All(graph.Links, link => Assert.True(link.IsStatic || !Block(graph, link.SourceId).StaticOutput));
        }
    }

    [Theory]
    [AgentFile]
    public void Every_agent_node_of_a_real_export_runs_a_sub_graph_of_its_version_and_pins(string file)
    {
        if (file == Refused) return;
        var bundle = Import(file).Bundle;

        foreach (var node in bundle.All.SelectMany(graph => graph.Nodes).Where(node => node.BlockId == WellKnownBlocks.AgentExecutor))
        {
            var child = Assert.Single(bundle.SubGraphs, graph => graph.Id == GraphImportTests.Defaults(node, "graph_id").GetString());
            Assert.Equal(child.Version, GraphImportTests.Defaults(node, "graph_version").GetInt32());
            Assert.Equal(Pins(child, BlockKind.Input), Declared(node, "input_schema"));
            Assert.Equal(Pins(child, BlockKind.Output), Declared(node, "output_schema"));
            Assert.Equal("user", GraphImportTests.Defaults(node, "user_id").GetString());
        }
    }

    [Fact]
    public void The_template_with_a_pin_that_is_gone_is_refused_with_node_and_pin()
    {
        ContractFiles.ReadAgent(Refused);

        var problems = Assert.Throws<GraphValidationException>(() => Import(Refused)).Problems;

        var problem = Assert.Single(problems, one => one.Field == "discord_bot_token");
        Assert.NotNull(problem.NodeId);
        Assert.Contains("ReadDiscordMessagesBlock", problem.Message, StringComparison.Ordinal);
    }

    private static ImportedGraph Import(string file)
    {
        var next = 0;
        return GraphImport.Import(GraphDocument.ReadBundle(ContractFiles.ReadAgent(file)), ContractCatalogue.Instance, "user", () => $"new-{next++}");
    }

    private static BlockDefinition Block(Graph graph, string nodeId) => ContractCatalogue.Instance.Find(graph.Nodes.Single(node => node.Id == nodeId).BlockId)!;

    private static IEnumerable<string> Pins(Graph graph, BlockKind kind) =>
        graph.Nodes.Where(node => Block(graph, node.Id).Kind == kind).Select(node => node.PinName!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Declared(GraphNode node, string schema) =>
        GraphImportTests.Defaults(node, schema).GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal);
}
