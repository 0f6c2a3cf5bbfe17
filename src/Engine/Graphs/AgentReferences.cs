using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>Finds the graphs that a graph runs by its Agent nodes (contract: semantics 1.8).</summary>
public static class AgentReferences
{
    /// <summary>The graphs to which the Agent nodes refer, each once. Nodes without id or version are ignored.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="catalogue">The blocks.</param>
    public static IEnumerable<(string GraphId, int Version)> Of(Graph graph, IBlockCatalogue catalogue) =>
        graph.Nodes
            .Where(node => catalogue.Find(node.BlockId)?.Kind == BlockKind.Agent)
            .Select(node => Of(node.InputDefault))
            .OfType<(string, int)>()
            .Distinct();

    private static (string GraphId, int Version)? Of(JsonElement defaults) =>
        defaults.Member("graph_id") is { ValueKind: JsonValueKind.String } id && id.GetString() is { Length: > 0 } graphId
        && defaults.Member("graph_version") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var version)
            ? (graphId, version)
            : null;
}
