using System.Collections.Immutable;

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

    /// <summary>
    /// Imports a document as this graph: this grain's key becomes the id of the root, its sub-graphs and all nodes get new
    /// ids (contract: semantics 1.9 "Create").
    /// </summary>
    /// <param name="command">The document.</param>
    [Alias("Import")]
    Task<CreateGraphResult> Import(ImportGraph command);

    /// <summary>Imports a document as the next version of this graph. An active one takes the place of the active version.</summary>
    /// <param name="command">The document. Sub-graphs that the user has already are not stored again.</param>
    /// <returns>Version 0 without problems when the user has no such graph.</returns>
    [Alias("Update")]
    Task<CreateGraphResult> Update(ImportGraph command);

    /// <summary>The masks that lay credentials over the nodes that want them (contract: semantics 1.7 "Mapping back").</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="version">1 or more.</param>
    /// <param name="credentials">An object by keys of the graph's <c>credentials_input_schema</c>.</param>
    /// <returns>An object of node id to values by pin; null when the user has no such version.</returns>
    [Alias("MapCredentials")]
    Task<JsonPayload?> MapCredentials(string userId, int version, JsonPayload credentials);

    /// <summary>A version and the graphs that it runs, without secrets (contract: semantics 1.9 "Export").</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="version">1 or more.</param>
    /// <returns>The graph, then its sub-graphs; empty when the user has no such version.</returns>
    [Alias("Export")]
    Task<ImmutableArray<ExportedGraph>> Export(string userId, int version);

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

    /// <summary>
    /// Deletes all versions: they cannot be found or run any more when the call returns. Runs of the graph that are under way are stopped, which
    /// goes on after the call has returned.
    /// </summary>
    /// <param name="userId">Must own the graph.</param>
    /// <returns>How many versions were deleted.</returns>
    [Alias("Delete")]
    Task<int> Delete(string userId);
}
