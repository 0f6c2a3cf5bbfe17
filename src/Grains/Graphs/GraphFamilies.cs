using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>Finds the sub-graphs that a graph runs, directly or through other sub-graphs (contract: semantics 1.8).</summary>
/// <param name="cache">The stored graphs.</param>
/// <param name="catalogue">The blocks.</param>
public sealed class GraphFamilies(GraphCache cache, IBlockCatalogue catalogue)
{
    /// <summary>
    /// The sub-graphs of a graph, level by level, each version once, at most <see cref="GraphLimits.SubGraphs"/>. Graphs that do not exist or belong to another user are
    /// left out.
    /// </summary>
    /// <param name="root">The graph.</param>
    /// <param name="userId">The owner.</param>
    /// <param name="fresh">Graphs that are not stored yet; they are found before stored ones.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public Task<List<GraphIndex>> BelowAsync(Graph root, string userId, IReadOnlyCollection<GraphIndex> fresh, CancellationToken cancellationToken) =>
        // Asks whether a graph was deleted, perhaps by another process after this one had read it.
        BelowAsync(root, userId, (id, version) => fresh.FirstOrDefault(graph => graph.Graph.Id == id && graph.Graph.Version == version), cache.FindAsync, cancellationToken);

    /// <summary>As the other one, for a run that is about to start: a graph that this process knows is not read again, because a sub-agent that was deleted is found when it is to start.</summary>
    /// <param name="root">The graph.</param>
    /// <param name="userId">The owner.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public Task<List<GraphIndex>> BelowForRunAsync(Graph root, string userId, CancellationToken cancellationToken) =>
        BelowAsync(root, userId, (_, _) => null, (id, version, cancelled) => cache.FindForRunAsync(id, version!.Value, cancelled), cancellationToken);

    private async Task<List<GraphIndex>> BelowAsync(
        Graph root, string userId, Func<string, int, GraphIndex?> fresh, Func<Guid, int?, CancellationToken, Task<CachedGraph?>> find, CancellationToken cancellationToken)
    {
        var below = new List<GraphIndex>();
        var seen = new HashSet<(string, int)> { (root.Id, root.Version) };
        var open = new Queue<Graph>([root]);
        while (open.TryDequeue(out var graph) && below.Count < GraphLimits.SubGraphs)
        {
            foreach (var (id, version) in AgentReferences.Of(graph, catalogue))
            {
                if (!seen.Add((id, version)) || (fresh(id, version) ?? await StoredAsync(id, version)) is not { } found) continue;
                below.Add(found);
                open.Enqueue(found.Graph);
            }
        }

        return below;

        async Task<GraphIndex?> StoredAsync(string id, int version) =>
            Guid.TryParse(id, out var key) && await find(key, version, cancellationToken) is { IsDeleted: false } stored && stored.UserId == userId ? stored.Index : null;
    }
}
