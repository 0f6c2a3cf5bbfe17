using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>Which graphs a graph runs by its Agent nodes (contract: semantics 1.8).</summary>
public static class AgentReferences
{
    /// <summary>The graphs that the Agent nodes name, each once; nodes that do not name id and version are passed over.</summary>
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
