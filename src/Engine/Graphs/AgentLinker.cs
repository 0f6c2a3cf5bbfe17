using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// Finds the embedded graph that an Agent node refers to. Exports contain ids that are not in the file, while versions and
/// pins are right (quirk 3 of block-tiers), so a node with an unknown id is linked to a graph with the same version, inputs and outputs.
/// </summary>
internal sealed class AgentLinker(GraphBundle bundle, IBlockCatalogue catalogue, IReadOnlySet<(string Id, int Version)> known)
{
    public Graph Link(Graph graph, List<GraphProblem> problems) => graph with
    {
        Nodes = [.. graph.Nodes.Select(node => catalogue.Find(node.BlockId)?.Kind == BlockKind.Agent ? Link(node, problems) : node)],
    };

    private GraphNode Link(GraphNode node, List<GraphProblem> problems)
    {
        var graphId = node.InputDefault.Member("graph_id") is { ValueKind: JsonValueKind.String } id ? id.GetString()! : "";
        if (graphId.Length == 0 || !TryVersion(node.InputDefault, out var version))
        {
            problems.Add(new GraphProblem($"Node {node.Id} (Agent Executor) must name 'graph_id' and 'graph_version' of the agent it runs", null, node.Id, "graph_id"));
            return node;
        }

        // The version is compared too, because versions of one graph may differ in everything (semantics 1.8).
        if (bundle.All.Any(graph => graph.Version == version && string.Equals(graph.Id, graphId, StringComparison.Ordinal))) return node;
        if (known.Contains((graphId, version))) return node;

        var matches = bundle.SubGraphs.Where(graph => graph.Version == version && SamePins(graph, node.InputDefault)).ToList();
        var agentName = node.InputDefault.Member("agent_name") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        var match = matches.Find(graph => string.Equals(graph.Name, agentName, StringComparison.Ordinal)) ?? matches.FirstOrDefault();
        if (match is null)
        {
            problems.Add(new GraphProblem(
                $"Node {node.Id} (Agent Executor) runs graph {graphId} version {version}, which is not in the file, and no embedded sub-graph has that version and the same inputs and outputs",
                null, node.Id, "graph_id"));
            return node;
        }

        var defaults = node.InputDefault.EnumerateObject().Select(member =>
            KeyValuePair.Create(member.Name, member.NameEquals("graph_id") ? JsonValues.From(match.Id) : member.Value));
        return node with { InputDefault = JsonValues.Object(defaults) };
    }

    private static bool TryVersion(JsonElement defaults, out int version)
    {
        version = 0;
        return defaults.Member("graph_version") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out version);
    }

    private bool SamePins(Graph graph, JsonElement defaults) =>
        Names(graph, BlockKind.Input).SetEquals(Declared(defaults, "input_schema"))
        && Names(graph, BlockKind.Output).SetEquals(Declared(defaults, "output_schema"));

    private HashSet<string> Names(Graph graph, BlockKind kind) =>
        graph.Nodes.Where(node => catalogue.Find(node.BlockId)?.Kind == kind && node.PinName is not null)
            .Select(node => node.PinName!).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Declared(JsonElement defaults, string schema) =>
        defaults.Member(schema)?.Member("properties") is { ValueKind: JsonValueKind.Object } properties
            ? properties.EnumerateObject().Select(property => property.Name)
            : [];
}
