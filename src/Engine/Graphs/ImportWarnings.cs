using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>What an import keeps although it is not usable as it is, one warning for each (decision 35).</summary>
internal static class ImportWarnings
{
    /// <summary>The warnings about a graph, in the order of its nodes.</summary>
    /// <param name="graph">The graph with the ids of the document.</param>
    /// <param name="catalogue">The blocks.</param>
    public static IEnumerable<GraphProblem> Of(Graph graph, IBlockCatalogue catalogue) => GraphPlaceholders.Warnings(graph, catalogue).Concat(UnknownModels(graph, catalogue));

    /// <summary>The warning about a file whose credentials were those of somebody else.</summary>
    /// <param name="node">The node.</param>
    /// <param name="index">Its position in the document.</param>
    /// <param name="pin">The pin with the file.</param>
    public static GraphProblem ForeignCredentials(GraphNode node, int index, string pin) => new(
        $"Node {node.Id}{node.QuotedTitle}: the file in '{pin}' was chosen with credentials that are not yours; choose it again",
        $"nodes[{index}].input_default.{pin}",
        node.Id,
        pin);

    private static IEnumerable<GraphProblem> UnknownModels(Graph graph, IBlockCatalogue catalogue)
    {
        foreach (var (node, index) in graph.Nodes.Select((node, index) => (node, index)))
        {
            if (catalogue.Find(node.BlockId) is not { } block) continue;
            foreach (var pin in block.InputSchema.Member("properties") is { ValueKind: JsonValueKind.Object } pins ? pins.EnumerateObject() : default)
            {
                if (pin.Value.Member("llm_model") is not { ValueKind: JsonValueKind.True } || pin.Value.Member("enum") is not { ValueKind: JsonValueKind.Array } models) continue;
                if (node.InputDefault.Member(pin.Name) is not { ValueKind: JsonValueKind.String } model || models.EnumerateArray().Any(known => known.ValueEquals(model.GetString()))) continue;
                yield return new GraphProblem(
                    $"Node {node.Id} ({block.Name}){node.QuotedTitle}: the model '{model.GetString()}' is not known here; it is kept, and its provider decides whether there is such a model",
                    $"nodes[{index}].input_default.{pin.Name}",
                    node.Id,
                    pin.Name);
            }
        }
    }
}
