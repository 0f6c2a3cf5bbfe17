namespace Grainflow.Engine.Graphs;

/// <summary>The limits of graphs (decision 23).</summary>
public static class GraphLimits
{
    /// <summary>The most nodes of one graph.</summary>
    public const int Nodes = 1_000;

    /// <summary>The most links of one graph. Real graphs of 1,000 nodes have far fewer; it protects against hostile documents.</summary>
    public const int Links = 20_000;

    /// <summary>The most sub-graphs in one document.</summary>
    public const int SubGraphs = 200;

    /// <summary>The greatest depth of a run; a root run has depth 0, and a sub-agent is one deeper than its parent.</summary>
    public const int Depth = 10;

    /// <summary>The largest document, in bytes.</summary>
    public const int DocumentBytes = 20 * 1024 * 1024;
}
