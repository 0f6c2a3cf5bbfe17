using Grainflow.Engine.Catalogue;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// Nodes whose block is not known here. They are stored with everything they came with, because newer versions of AutoGPT have blocks that are not built; only a run is
/// refused (decision 35).
/// </summary>
public static class GraphPlaceholders
{
    /// <summary>One problem for each placeholder of a graph, which keeps it from running.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="subAgent">True when the graph is not the one that is started; the messages then name it.</param>
    public static IEnumerable<GraphProblem> Problems(GraphIndex graph, bool subAgent = false) =>
        graph.Graph.Nodes.Where(node => graph.FindBlock(node.Id) is null).Select(node => Problem(graph.Graph, node, subAgent));

    /// <summary>One warning for each placeholder of a graph that is stored.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="catalogue">The blocks.</param>
    internal static IEnumerable<GraphProblem> Warnings(Graph graph, IBlockCatalogue catalogue) =>
        from item in graph.Nodes.Select((node, index) => (Node: node, Index: index))
        where catalogue.Find(item.Node.BlockId) is null
        select new GraphProblem(
            $"Node {item.Node.Id}{item.Node.QuotedTitle} uses block {item.Node.BlockId}, which is not known here. It is kept as it is{Kept(graph, item.Node)}, "
            + "but the agent cannot run while it is there: remove the node, or put a block in its place",
            $"nodes[{item.Index}].block_id",
            item.Node.Id,
            "block_id");

    private static GraphProblem Problem(Graph graph, GraphNode node, bool subAgent) => new(
        $"Node {node.Id}{node.QuotedTitle}{(subAgent ? $" of the sub-agent \"{graph.Name}\"" : "")} uses block {node.BlockId}, which is not known here", null, node.Id, "block_id");

    private static string Kept(Graph graph, GraphNode node)
    {
        string[] inputs =
        [
            .. node.InputDefault.EnumerateObject().Select(member => DynamicPins.BaseName(member.Name))
                .Concat(graph.Links.Where(link => link.SinkId == node.Id).Select(link => DynamicPins.BaseName(link.SinkName))).Distinct(StringComparer.Ordinal),
        ];
        string[] outputs = [.. graph.Links.Where(link => link.SourceId == node.Id).Select(link => DynamicPins.BaseName(link.SourceName)).Distinct(StringComparer.Ordinal)];
        return (inputs.Length, outputs.Length) switch
        {
            (0, 0) => "",
            (_, 0) => $" with its inputs {string.Join(", ", inputs)}",
            (0, _) => $" with its outputs {string.Join(", ", outputs)}",
            _ => $" with its inputs {string.Join(", ", inputs)} and its outputs {string.Join(", ", outputs)}",
        };
    }
}
