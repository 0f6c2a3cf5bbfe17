using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// Turns a document into graphs of one's own: Agent nodes are linked to the graphs that came with them, every graph and
/// node gets a new id, and the result is checked (contract: semantics 1.9 "Create", quirks 3 and 4 of block-tiers).
/// </summary>
public static class GraphImport
{
    /// <summary>Imports a document.</summary>
    /// <param name="bundle">What <see cref="GraphDocument.ReadBundle(ReadOnlySpan{byte})"/> read.</param>
    /// <param name="catalogue">The blocks.</param>
    /// <param name="userId">The new owner; Agent nodes run as this user.</param>
    /// <param name="newId">Makes a new id (UUID text) at each call.</param>
    /// <exception cref="GraphValidationException">A sub-graph is missing, a link dangles, a block or pin is not known.</exception>
    public static ImportedGraph Import(GraphBundle bundle, IBlockCatalogue catalogue, string userId, Func<string> newId)
    {
        var linked = LinkAgents(bundle, catalogue);
        var graphIds = linked.All.Select(graph => graph.Id).Distinct(StringComparer.Ordinal).ToDictionary(id => id, _ => newId(), StringComparer.Ordinal);
        var originals = new Dictionary<string, OriginalNode>(StringComparer.Ordinal);

        var root = Renew(linked.Root, graphIds, catalogue, userId, newId, originals);
        var subGraphs = linked.SubGraphs.Select(graph => Renew(graph, graphIds, catalogue, userId, newId, originals)).ToImmutableArray();
        var imported = new GraphBundle(root, subGraphs);

        var problems = imported.All
            .SelectMany(graph => GraphValidator.CheckStructure(graph, catalogue).Concat(GraphValidator.CheckNodes(new GraphIndex(graph, catalogue), forRun: false)))
            .Select(problem => Original(problem, originals))
            .ToList();
        if (problems.Count > 0) throw new GraphValidationException(problems);
        return new ImportedGraph(new GraphBundle(WithStaticLinks(root, catalogue), [.. subGraphs.Select(graph => WithStaticLinks(graph, catalogue))]), originals);
    }

    /// <summary>Links leaving a block with static output are static, whatever the document says (semantics 1.5 rule 3).</summary>
    private static Graph WithStaticLinks(Graph graph, IBlockCatalogue catalogue)
    {
        var statics = graph.Nodes.Where(node => catalogue.Find(node.BlockId)?.StaticOutput == true).Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
        return graph with { Links = [.. graph.Links.Select(link => statics.Contains(link.SourceId) ? link with { IsStatic = true } : link)] };
    }

    private static GraphProblem Original(GraphProblem problem, Dictionary<string, OriginalNode> originals) =>
        problem.NodeId is { } id && originals.TryGetValue(id, out var original)
            ? problem with { NodeId = original.NodeId, Message = problem.Message.Replace(id, original.NodeId, StringComparison.Ordinal) }
            : problem;

    private static GraphBundle LinkAgents(GraphBundle bundle, IBlockCatalogue catalogue)
    {
        var problems = new List<GraphProblem>();
        var linker = new AgentLinker(bundle.SubGraphs, catalogue);
        var root = linker.Link(bundle.Root, problems);
        var subGraphs = bundle.SubGraphs.Select(graph => linker.Link(graph, problems)).ToImmutableArray();
        if (problems.Count > 0) throw new GraphValidationException(problems);
        return new GraphBundle(root, subGraphs);
    }

    private static Graph Renew(
        Graph graph, Dictionary<string, string> graphIds, IBlockCatalogue catalogue, string userId, Func<string> newId, Dictionary<string, OriginalNode> originals)
    {
        var nodeIds = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var id = newId();
            nodeIds.Add(node.Id, id);
            originals.Add(id, new OriginalNode(node.Id, graph.Name));
        }

        return graph with
        {
            Id = graphIds[graph.Id],
            Version = Math.Max(graph.Version, 1),
            Nodes =
            [
                .. graph.Nodes.Select(node => node with
                {
                    Id = nodeIds[node.Id],
                    WebhookId = null,
                    InputDefault = catalogue.Find(node.BlockId)?.Kind == BlockKind.Agent
                        ? AgentDefaults(node.InputDefault, graphIds, userId)
                        : node.InputDefault,
                }),
            ],
            Links =
            [
                .. graph.Links.Select(link => link with
                {
                    Id = newId(),
                    // A link to a node that is not there keeps the name it has, so that the error can show it.
                    SourceId = nodeIds.GetValueOrDefault(link.SourceId, link.SourceId),
                    SinkId = nodeIds.GetValueOrDefault(link.SinkId, link.SinkId),
                    SourceName = RenewToolPin(link.SourceName, nodeIds),
                }),
            ],
        };
    }

    private static JsonElement AgentDefaults(JsonElement defaults, Dictionary<string, string> graphIds, string userId)
    {
        var members = new PinValues(StringComparer.Ordinal);
        foreach (var member in defaults.EnumerateObject()) members[member.Name] = member.Value;
        if (members.TryGetValue("graph_id", out var graphId) && graphId.ValueKind == JsonValueKind.String)
            members["graph_id"] = JsonValues.From(graphIds.GetValueOrDefault(graphId.GetString()!, graphId.GetString()!));
        members["user_id"] = JsonValues.From(userId);
        if (!members.TryGetValue("inputs", out var inputs) || inputs.ValueKind != JsonValueKind.Object) members["inputs"] = JsonValues.EmptyObject;
        return JsonValues.Object(members);
    }

    // Legacy tool pins carry the id of the node they lead to.
    private static string RenewToolPin(string name, Dictionary<string, string> nodeIds)
    {
        if (!DynamicPins.IsTool(name)) return name;
        foreach (var (old, renewed) in nodeIds)
            if (name.Contains(old, StringComparison.Ordinal)) return name.Replace(old, renewed, StringComparison.Ordinal);
        return name;
    }
}
