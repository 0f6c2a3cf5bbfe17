using System.Text.RegularExpressions;

namespace Grainflow.Engine.Graphs;

/// <summary>The name of a node in texts for users.</summary>
public static partial class NodeTitle
{
    /// <summary>The title that the author gave the node, else the name of its block in words, with the name of its input or output: <c>Agent Input 'topic'</c>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="nodeId">The id of a node of the graph.</param>
    public static string Of(GraphIndex graph, string nodeId)
    {
        var node = graph.Node(nodeId);
        if (node.CustomizedName is { } title) return title;
        var block = Words().Replace((graph.FindBlock(nodeId)?.Name ?? node.BlockId).Replace("Block", "", StringComparison.Ordinal), " ").Trim();
        return node.PinName is { } name ? $"{block} '{name}'" : block;
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])", RegexOptions.None, 1000)]
    private static partial Regex Words();
}
