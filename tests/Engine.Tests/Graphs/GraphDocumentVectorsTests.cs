using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

public sealed class GraphDocumentVectorsTests
{
    [Theory]
    [AgentFile]
    public void A_real_export_reads_whole(string file)
    {
        var source = JsonValues.ParseUtf8(ContractFiles.ReadAgent(file));

        var bundle = GraphDocument.ReadBundle(ContractFiles.ReadAgent(file));

        JsonElement[] graphs = [source, .. source.Member("sub_graphs") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : []];
        Assert.Equal(graphs.Select(graph => graph.GetProperty("nodes").GetArrayLength()), bundle.All.Select(graph => graph.Nodes.Length));
        Assert.Equal(graphs.Select(graph => graph.GetProperty("links").GetArrayLength()), bundle.All.Select(graph => graph.Links.Length));
        Assert.Equal(
            graphs.SelectMany(graph => graph.GetProperty("nodes").EnumerateArray()).Select(node => JsonValues.Compact(node.GetProperty("input_default"))),
            bundle.All.SelectMany(graph => graph.Nodes).Select(node => JsonValues.Compact(node.InputDefault)));
    }

    [Theory]
    [AgentFile]
    public void A_real_export_is_the_same_after_storing_it(string file)
    {
        foreach (var graph in GraphDocument.ReadBundle(ContractFiles.ReadAgent(file)).All)
        {
            var stored = GraphDocument.Write(graph);
            Assert.Equal(stored, GraphDocument.Write(GraphDocument.Read(stored)));
        }
    }

    [Theory]
    [AgentFile]
    public void All_blocks_of_a_real_export_are_in_the_contract(string file)
    {
        Assert.Equal(466, ContractCatalogue.Instance.Count);
        Assert.All(GraphDocument.ReadBundle(ContractFiles.ReadAgent(file)).All.SelectMany(graph => graph.Nodes), node => Assert.NotNull(ContractCatalogue.Instance.Find(node.BlockId)));
    }
}
