namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>All versions of one graph; the key is the graph id.</summary>
[Alias("grainflow.IGraphGrain")]
public interface IGraphGrain : IGrainWithGuidKey
{
    /// <summary>Stores a graph and the graphs that came with it, in one step. Storing the same again changes nothing.</summary>
    /// <param name="command">The graphs, checked again here.</param>
    /// <returns>What is wrong with them; empty when they are stored.</returns>
    [Alias("Create")]
    Task<CreateGraphResult> Create(CreateGraph command);

    /// <summary>Makes a version the active one.</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="version">1 or more.</param>
    /// <returns>False when the user has no such version.</returns>
    [Alias("Activate")]
    Task<bool> Activate(string userId, int version);

    /// <summary>The input and output schemas of a version, derived from its nodes.</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <returns>Null when the user has no such graph.</returns>
    [Alias("GetSchemas")]
    Task<GraphSchemasView?> GetSchemas(string userId, int? version);

    /// <summary>Deletes all versions.</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <returns>How many versions were deleted.</returns>
    [Alias("Delete")]
    Task<int> Delete(string userId);
}
