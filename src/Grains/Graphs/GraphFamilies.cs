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
    public async Task<List<GraphIndex>> BelowAsync(Graph root, string userId, IReadOnlyCollection<GraphIndex> fresh, CancellationToken cancellationToken)
    {
        var below = new List<GraphIndex>();
        var seen = new HashSet<(string, int)> { (root.Id, root.Version) };
        var open = new Queue<Graph>([root]);
        while (open.TryDequeue(out var graph) && below.Count < GraphLimits.SubGraphs)
        {
            foreach (var reference in AgentReferences.Of(graph, catalogue))
            {
                if (!seen.Add(reference)) continue;
                if (await FindAsync(reference, userId, fresh, cancellationToken) is not { } found) continue;
                below.Add(found);
                open.Enqueue(found.Graph);
            }
        }

        return below;
    }

    private async Task<GraphIndex?> FindAsync((string GraphId, int Version) key, string userId, IReadOnlyCollection<GraphIndex> fresh, CancellationToken cancellationToken)
    {
        if (fresh.FirstOrDefault(graph => graph.Graph.Id == key.GraphId && graph.Graph.Version == key.Version) is { } known) return known;
        if (!Guid.TryParse(key.GraphId, out var id)) return null;
        // Asks whether the graph was deleted, perhaps by another process after this one had read it.
        return await cache.FindAsync(id, key.Version, cancellationToken) is { } stored && stored.UserId == userId ? stored.Index : null;
    }
}
