using System.Collections.Frozen;
using System.Collections.Immutable;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Engine.Graphs;

/// <summary>A graph with indexes: nodes by id, links by source and sink, blocks by node.</summary>
public sealed class GraphIndex
{
    private static readonly ImmutableArray<GraphLink> NoLinks = [];
    private readonly FrozenDictionary<string, GraphNode> _nodes;
    private readonly FrozenDictionary<string, ImmutableArray<GraphLink>> _outgoing;
    private readonly FrozenDictionary<string, ImmutableArray<GraphLink>> _incoming;
    private readonly FrozenDictionary<string, BlockDefinition> _blocks;

    /// <summary>Builds the indexes.</summary>
    /// <param name="graph">A graph that passed <see cref="GraphValidator.CheckStructure"/>.</param>
    /// <param name="catalogue">The blocks. Nodes whose block is not known have no definition.</param>
    public GraphIndex(Graph graph, IBlockCatalogue catalogue)
    {
        Graph = graph;
        _nodes = graph.Nodes.ToFrozenDictionary(node => node.Id, StringComparer.Ordinal);
        _outgoing = ByEnd(graph.Links, link => link.SourceId);
        _incoming = ByEnd(graph.Links, link => link.SinkId);
        _blocks = graph.Nodes
            .Select(node => (node.Id, Block: catalogue.Find(node.BlockId)))
            .Where(pair => pair.Block is not null)
            .ToFrozenDictionary(pair => pair.Id, pair => pair.Block!, StringComparer.Ordinal);
    }

    /// <summary>The graph itself.</summary>
    public Graph Graph { get; }

    /// <summary>The node with this id, or null.</summary>
    /// <param name="nodeId">A node id.</param>
    public GraphNode? FindNode(string nodeId) => _nodes.GetValueOrDefault(nodeId);

    /// <summary>The node with this id.</summary>
    /// <param name="nodeId">The id of a node of this graph.</param>
    public GraphNode Node(string nodeId) => _nodes[nodeId];

    /// <summary>The block of a node, or null when it is not known.</summary>
    /// <param name="nodeId">The id of a node of this graph.</param>
    public BlockDefinition? FindBlock(string nodeId) => _blocks.GetValueOrDefault(nodeId);

    /// <summary>The links that leave a node, in the order of the document.</summary>
    /// <param name="nodeId">A node id.</param>
    public ImmutableArray<GraphLink> Outgoing(string nodeId) => _outgoing.GetValueOrDefault(nodeId, NoLinks);

    /// <summary>The links that end at a node, in the order of the document.</summary>
    /// <param name="nodeId">A node id.</param>
    public ImmutableArray<GraphLink> Incoming(string nodeId) => _incoming.GetValueOrDefault(nodeId, NoLinks);

    /// <summary>
    /// The nodes with which a run begins, in the order of the document: Input nodes, and nodes at which no link ends, except notes
    /// (contract: semantics 1.2).
    /// </summary>
    public IEnumerable<GraphNode> StartingNodes => Graph.Nodes.Where(node => FindBlock(node.Id)?.Kind switch
    {
        BlockKind.Note => false,
        BlockKind.Input => true,
        _ => Incoming(node.Id).IsEmpty,
    });

    private static FrozenDictionary<string, ImmutableArray<GraphLink>> ByEnd(ImmutableArray<GraphLink> links, Func<GraphLink, string> end) =>
        links.GroupBy(end, StringComparer.Ordinal).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal);
}
