using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Graphs;

/// <summary>Fills in what follows from graph versions that were stored before it was kept.</summary>
/// <param name="store">The versions.</param>
/// <param name="families">Finds sub-graphs.</param>
/// <param name="catalogue">The blocks.</param>
public sealed class GraphModels(IGraphStore store, GraphFamilies families, IBlockCatalogue catalogue)
{
    private const int AtOnce = 100;

    /// <summary>Computes every model that is missing.</summary>
    /// <param name="cancellationToken">Stops computing more.</param>
    /// <returns>How many were filled in.</returns>
    public async Task<int> FillInAsync(CancellationToken cancellationToken)
    {
        var filled = 0;
        while (await store.WithoutModelAsync(AtOnce, cancellationToken) is { Count: > 0 } keys)
        {
            foreach (var key in keys)
            {
                if (await store.FindAsync(key.Id, key.Version, cancellationToken) is not { } row) continue;
                var graph = new GraphIndex(GraphDocument.Read(row.Document.Span), catalogue);
                var below = await families.BelowAsync(graph.Graph, row.UserId, [], cancellationToken);
                await store.SetModelAsync(key, JsonValues.CompactUtf8(GraphFacts.Of(graph, below)), cancellationToken);
                filled++;
            }
        }

        return filled;
    }
}
