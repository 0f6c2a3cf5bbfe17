namespace Grainflow.Engine.Graphs;

/// <summary>How large graphs may be (decision 23).</summary>
public static class GraphLimits
{
    /// <summary>Nodes of one graph.</summary>
    public const int Nodes = 1_000;

    /// <summary>Links of one graph. Far above what 1,000 nodes use; a bound against hostile documents.</summary>
    public const int Links = 20_000;

    /// <summary>Graphs in one document.</summary>
    public const int SubGraphs = 200;

    /// <summary>How deep Agent nodes may nest at run time; the root run is depth 0.</summary>
    public const int Depth = 10;

    /// <summary>Size of a document in bytes.</summary>
    public const int DocumentBytes = 20 * 1024 * 1024;
}
