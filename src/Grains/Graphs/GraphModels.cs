using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>Computes the model (<see cref="GraphFacts"/>) of graph versions that were stored by a release without it (ADR 0011).</summary>
/// <param name="store">The graph versions.</param>
/// <param name="families">Finds sub-graphs.</param>
/// <param name="catalogue">The blocks.</param>
public sealed class GraphModels(IGraphStore store, GraphFamilies families, IBlockCatalogue catalogue)
{
    private const int BatchSize = 100;

    /// <summary>Computes and stores every model that is missing.</summary>
    /// <param name="cancellationToken">Stops before the next one.</param>
    /// <returns>How many models were stored.</returns>
    public async Task<int> AddMissingAsync(CancellationToken cancellationToken)
    {
        var added = 0;
        while (await store.WithoutModelAsync(BatchSize, cancellationToken) is { Count: > 0 } keys)
        {
            foreach (var key in keys)
            {
                if (await store.FindAsync(key.Id, key.Version, cancellationToken) is not { } row) continue;
                var graph = new GraphIndex(GraphDocument.Read(row.Document.Span), catalogue);
                var below = await families.BelowAsync(graph.Graph, row.UserId, [], cancellationToken);
                await store.SetModelAsync(key, JsonValues.CompactUtf8(GraphFacts.Of(graph, below)), cancellationToken);
                added++;
            }
        }

        return added;
    }
}
