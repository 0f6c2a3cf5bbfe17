using System.Text.RegularExpressions;

namespace Grainflow.Engine.Graphs;

/// <summary>What people call a node.</summary>
public static partial class NodeTitle
{
    /// <summary>The title that the author gave it, else the words of its block's name, with the name of the input or output it stands for: <c>Agent Input 'topic'</c>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="nodeId">The id of a node of it.</param>
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
