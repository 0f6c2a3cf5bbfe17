using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Graphs;

/// <summary>All versions of one graph; the key is the graph id.</summary>
[Alias("grainflow.IGraphGrain")]
public interface IGraphGrain : IGrainWithGuidKey
{
    /// <summary>Stores a graph and its sub-graphs, all or none. Storing the same graphs again changes nothing.</summary>
    /// <param name="command">The graphs; their structure is validated.</param>
    /// <returns>The version, or the problems of the graphs.</returns>
    [Alias("Create")]
    Task<CreateGraphResult> Create(CreateGraph command);

    /// <summary>
    /// Stores a document as this graph: the key of this grain becomes the id of the root, and its sub-graphs and all nodes get new
    /// ids (contract: semantics 1.9 "Create").
    /// </summary>
    /// <param name="command">The document.</param>
    [Alias("Import")]
    Task<CreateGraphResult> Import(ImportGraph command);

    /// <summary>Stores a document as the next version of this graph. When the document is active, this version becomes the active one.</summary>
    /// <param name="command">The document. Sub-graphs that the user has already are not stored again.</param>
    /// <returns>Version 0 without problems when the user has no such graph.</returns>
    [Alias("Update")]
    Task<CreateGraphResult> Update(ImportGraph command);

    /// <summary>The masks that give credentials to the nodes that need them (contract: semantics 1.7 "Mapping back").</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="version">1 or more.</param>
    /// <param name="credentials">A JSON object by the keys of the graph's <c>credentials_input_schema</c>.</param>
    /// <returns>A JSON object of node ids, each with values by pin; null when the user has no such version.</returns>
    [Alias("MapCredentials")]
    Task<JsonPayload?> MapCredentials(string userId, int version, JsonPayload credentials);

    /// <summary>Estimates what a run of a version will cost.</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <param name="inputs">A JSON object of values by input name.</param>
    /// <param name="credentials">A JSON object by the keys of the graph's <c>credentials_input_schema</c>.</param>
    /// <returns>The answer of the API, a JSON object; null when the user has no such version.</returns>
    [Alias("EstimateCost")]
    Task<JsonPayload?> EstimateCost(string userId, int? version, JsonPayload inputs, JsonPayload credentials);

    /// <summary>A version and its sub-graphs, without secrets (contract: semantics 1.9 "Export").</summary>
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

    /// <summary>Replaces the settings that all versions of the graph share (decision 39).</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="reviewsHumanInTheLoop">Whether blocks for human review ask a person.</param>
    /// <param name="reviewsSensitiveActions">Whether blocks with sensitive actions ask a person.</param>
    /// <returns>False when the user has no such graph.</returns>
    [Alias("SetSafety")]
    Task<bool> SetSafety(string userId, bool reviewsHumanInTheLoop, bool reviewsSensitiveActions);

    /// <summary>The input and output schemas of a version, derived from its nodes.</summary>
    /// <param name="userId">Must own the graph.</param>
    /// <param name="version">1 or more, or null for the highest.</param>
    /// <returns>Null when the user has no such graph.</returns>
    [Alias("GetSchemas")]
    Task<GraphSchemasView?> GetSchemas(string userId, int? version);

    /// <summary>
    /// Deletes all versions: when the call returns they can neither be found nor run. Runs of the graph that are under way are stopped in the background, which
    /// may take longer than the call.
    /// </summary>
    /// <param name="userId">Must own the graph.</param>
    /// <returns>The number of deleted versions; 0 when the user has no such graph.</returns>
    [Alias("Delete")]
    Task<int> Delete(string userId);
}
