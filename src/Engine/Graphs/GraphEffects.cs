using Grainflow.Engine.Catalogue;

namespace Grainflow.Engine.Graphs;

/// <summary>The effects of graphs (contract: decision 38).</summary>
public static class GraphEffects
{
    /// <summary>The effect of a graph: that of its worst node. The graph of a sub-agent counts by itself; the caller takes the worst of all.</summary>
    /// <param name="graph">The graph.</param>
    public static BlockEffect Of(GraphIndex graph) => graph.Graph.Nodes.Select(node => Of(graph, node)).DefaultIfEmpty(BlockEffect.None).Max();

    /// <summary>The effect of a node. Where it depends on a pin whose value comes over a link, it is the worst that the block can have.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">A node of the graph.</param>
    public static BlockEffect Of(GraphIndex graph, GraphNode node)
    {
        // A block that is not known here counts like one that declares nothing.
        if (graph.FindBlock(node.Id) is not { } block) return BlockEffect.Write;
        if (block.Kind == BlockKind.Note) return BlockEffect.None;
        if (block.EffectByPin is { } by && graph.Incoming(node.Id).Any(link => DynamicPins.BaseName(link.SinkName) == by.Pin)) return block.Effect;
        return block.EffectOf(node.InputDefault);
    }
}
