using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>
/// Converts a document to graphs of a user: Agent nodes are linked to the graphs in the document, the graphs are validated, and every graph and
/// node gets a new id (contract: semantics 1.9 "Create", quirks 3 and 4 of block-tiers).
/// </summary>
public static class GraphImport
{
    /// <summary>Imports a document.</summary>
    /// <param name="bundle">The document, from <see cref="GraphDocument.ReadBundle(ReadOnlySpan{byte}, Func{string}?)"/>.</param>
    /// <param name="catalogue">The blocks.</param>
    /// <param name="userId">The new owner; Agent nodes run as this user.</param>
    /// <param name="newId">Creates a new id (UUID text) at each call.</param>
    /// <param name="options">The id and version of the root, and the graphs that the owner has already; null for the defaults.</param>
    /// <returns>The graphs, with warnings about what was kept although it is not known here (decision 35).</returns>
    /// <exception cref="GraphValidationException">A sub-graph is missing, a link has an end without a node, or a known block does not have the pin.</exception>
    public static ImportedGraph Import(GraphBundle bundle, IBlockCatalogue catalogue, string userId, Func<string> newId, GraphImportOptions? options = null)
    {
        options ??= GraphImportOptions.Default;
        var identified = Map(bundle, graph => graph.Id.Length == 0 ? graph with { Id = newId() } : graph);
        var owned = Map(LinkAgents(identified, catalogue, options.Known), graph => SetOwner(graph, catalogue, userId));

        // Validated before ids are replaced, so that the problems contain the ids and places of the document.
        var problems = Everywhere(owned, graph => Check(graph, catalogue)).ToList();
        if (problems.Count > 0) throw new GraphValidationException(problems);

        var warnings = new List<GraphProblem>();
        owned = Map(owned, (graph, path) => ClearCredentials(graph, path, options.KnownCredentials, warnings));
        warnings.AddRange(Everywhere(owned, graph => ImportWarnings.Of(graph, catalogue)));

        var graphIds = owned.All.Select(graph => graph.Id).Distinct(StringComparer.Ordinal).ToDictionary(
            id => id, id => options.RootId is { } rootId && id == owned.Root.Id ? rootId : newId(), StringComparer.Ordinal);
        var originals = new Dictionary<string, OriginalNode>(StringComparer.Ordinal);
        var renewed = Map(owned, graph => Renew(graph, graphIds, catalogue, newId, originals));
        if (options.RootVersion is { } version) renewed = renewed with { Root = renewed.Root with { Version = version } };
        return new ImportedGraph(renewed, originals, [.. warnings]);
    }

    private static GraphBundle Map(GraphBundle bundle, Func<Graph, Graph> change) => Map(bundle, (graph, _) => change(graph));

    private static GraphBundle Map(GraphBundle bundle, Func<Graph, string, Graph> change) => new(change(bundle.Root, ""), [.. bundle.SubGraphs.Select((graph, index) => change(graph, SubGraph(index)))]);

    private static string SubGraph(int index) => $"sub_graphs[{index}].";

    /// <summary>What is found in each graph, with places in the document.</summary>
    private static IEnumerable<GraphProblem> Everywhere(GraphBundle bundle, Func<Graph, IEnumerable<GraphProblem>> find) =>
        find(bundle.Root).Concat(bundle.SubGraphs.SelectMany((graph, index) => find(graph).Select(problem => Below(problem, SubGraph(index)))));

    private static GraphProblem Below(GraphProblem problem, string path) => problem.Path is null ? problem : problem with { Path = path + problem.Path };

    private static IEnumerable<GraphProblem> Check(Graph graph, IBlockCatalogue catalogue) =>
        GraphValidator.CheckStructure(graph, catalogue).Concat(GraphValidator.CheckNodes(new GraphIndex(graph, catalogue), forRun: false));

    private static Graph ClearCredentials(Graph graph, string path, IReadOnlySet<string> known, List<GraphProblem> warnings) => graph with
    {
        Nodes =
        [
            .. graph.Nodes.Select((node, index) =>
            {
                var (defaults, pins) = PickerCredentials.Clear(node.InputDefault, known);
                warnings.AddRange(pins.Select(pin => Below(ImportWarnings.ForeignCredentials(node, index, pin), path)));
                return node with { InputDefault = defaults };
            }),
        ],
    };

    /// <summary>
    /// Sets the new owner as user of Agent nodes, and marks links that leave a block with static output as static, even if the document
    /// does not (semantics 1.5 rule 3).
    /// </summary>
    private static Graph SetOwner(Graph graph, IBlockCatalogue catalogue, string userId)
    {
        var statics = graph.Nodes.Where(node => catalogue.Find(node.BlockId)?.StaticOutput == true).Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
        return graph with
        {
            Nodes =
            [
                .. graph.Nodes.Select(node => catalogue.Find(node.BlockId)?.Kind == BlockKind.Agent
                    ? node with { InputDefault = AgentDefaults(node.InputDefault, userId) }
                    : node),
            ],
            Links = [.. graph.Links.Select(link => statics.Contains(link.SourceId) ? link with { IsStatic = true } : link)],
        };
    }

    private static GraphBundle LinkAgents(GraphBundle bundle, IBlockCatalogue catalogue, IReadOnlySet<(string Id, int Version)> known)
    {
        var problems = new List<GraphProblem>();
        var linker = new AgentLinker(bundle, catalogue, known);
        var linked = Map(bundle, graph => linker.Link(graph, problems));
        return problems.Count > 0 ? throw new GraphValidationException(problems) : linked;
    }

    private static Graph Renew(
        Graph graph, Dictionary<string, string> graphIds, IBlockCatalogue catalogue, Func<string> newId, Dictionary<string, OriginalNode> originals)
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
                        ? RenewGraphId(node.InputDefault, graphIds)
                        : node.InputDefault,
                }),
            ],
            Links =
            [
                .. graph.Links.Select(link => link with
                {
                    Id = newId(),
                    SourceId = nodeIds[link.SourceId],
                    SinkId = nodeIds[link.SinkId],
                    SourceName = RenewToolPin(link.SourceName, nodeIds),
                }),
            ],
        };
    }

    private static JsonElement AgentDefaults(JsonElement defaults, string userId)
    {
        var members = Members(defaults);
        members["user_id"] = JsonValues.From(userId);
        if (!members.TryGetValue("inputs", out var inputs) || inputs.ValueKind != JsonValueKind.Object) members["inputs"] = JsonValues.EmptyObject;
        return JsonValues.Object(members);
    }

    private static JsonElement RenewGraphId(JsonElement defaults, Dictionary<string, string> graphIds)
    {
        var members = Members(defaults);
        // The reference to a graph that is not in the document stays unchanged.
        if (!graphIds.TryGetValue(members["graph_id"].GetString()!, out var renewed)) return defaults;
        members["graph_id"] = JsonValues.From(renewed);
        return JsonValues.Object(members);
    }

    private static PinValues Members(JsonElement defaults)
    {
        var members = new PinValues(StringComparer.Ordinal);
        foreach (var member in defaults.EnumerateObject()) members[member.Name] = member.Value;
        return members;
    }

    // The name of a tool pin may contain the id of the node that the link leads to: tools_^_<node id>_~_<pin>.
    private static string RenewToolPin(string name, Dictionary<string, string> nodeIds) =>
        DynamicPins.ToolNode(name) is { } old && nodeIds.TryGetValue(old, out var renewed)
            ? name.Remove(DynamicPins.ToolPrefix.Length, old.Length).Insert(DynamicPins.ToolPrefix.Length, renewed)
            : name;
}

/// <summary>Options of <see cref="GraphImport"/>.</summary>
public sealed record GraphImportOptions
{
    /// <summary>The defaults: new ids for all graphs, and the versions of the document.</summary>
    public static readonly GraphImportOptions Default = new();

    /// <summary>The id of the root graph, or null for a new one.</summary>
    public string? RootId { get; init; }

    /// <summary>The version of the root graph, 1 or more, or null for the document's.</summary>
    public int? RootVersion { get; init; }

    /// <summary>The graphs that the owner has already, by id and version. Agent nodes may refer to them, and such references stay unchanged.</summary>
    public IReadOnlySet<(string Id, int Version)> Known { get; init; } = new HashSet<(string, int)>();

    /// <summary>The ids of credentials that the owner has. Others are cleared in values of file pickers.</summary>
    public IReadOnlySet<string> KnownCredentials { get; init; } = new HashSet<string>(StringComparer.Ordinal);
}

/// <summary>The result of <see cref="GraphImport"/>.</summary>
/// <param name="Bundle">The validated graphs with their new ids.</param>
/// <param name="Originals">The nodes of the document by new node id.</param>
/// <param name="Warnings">What was kept although it cannot be used as it is; places and node ids are those of the document.</param>
public sealed record ImportedGraph(GraphBundle Bundle, IReadOnlyDictionary<string, OriginalNode> Originals, ImmutableArray<GraphProblem> Warnings)
{
    /// <summary>The warnings with the new ids of their nodes; the text names them as the document does.</summary>
    public IEnumerable<GraphProblem> StoredWarnings()
    {
        // Two graphs of a document may use the same node id.
        var renewed = Originals.GroupBy(original => original.Value.NodeId, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count() == 1 ? group.First().Key : null, StringComparer.Ordinal);
        return Warnings.Select(warning => warning with { NodeId = warning.NodeId is { } id ? renewed.GetValueOrDefault(id) : null });
    }
}

/// <summary>The node of a document from which a node of an imported graph was made.</summary>
/// <param name="NodeId">The id in the document.</param>
/// <param name="GraphName">The name of the graph that contains it.</param>
public sealed record OriginalNode(string NodeId, string GraphName);
