using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Graphs;

/// <inheritdoc cref="IGraphGrain"/>
public sealed class GraphGrain(IGraphStore store, GraphCache cache, IBlockCatalogue catalogue, TimeProvider clock) : Grain, IGraphGrain
{
    /// <inheritdoc/>
    public async Task<CreateGraphResult> Create(CreateGraph command)
    {
        var graphs = command.Documents.Select(document => GraphDocument.Read(document.Memory.Span)).ToList();
        var problems = graphs.SelectMany(graph => GraphValidator.CheckStructure(graph, catalogue)).ToList();
        if (graphs.Count == 0 || !Guid.TryParse(graphs[0].Id, out var id) || id != this.GetPrimaryKey())
            problems.Insert(0, new GraphProblem($"The first graph must have the id {this.GetPrimaryKey()}."));
        if (problems.Count > 0) return new CreateGraphResult { Problems = Problems.From(problems) };

        var now = clock.GetUtcNow();
        await store.InsertAsync(
            [
                .. graphs.Select((graph, index) => new GraphRow
                {
                    Id = Guid.Parse(graph.Id),
                    Version = graph.Version,
                    UserId = command.UserId,
                    Name = graph.Name,
                    Description = graph.Description,
                    IsActive = graph.IsActive,
                    Document = command.Documents[index].Memory,
                    ContentHash = index == 0 && command.ContentHash is { } hash ? hash.AsMemory() : null,
                    CreatedAt = now,
                }),
            ],
            CancellationToken.None);
        return new CreateGraphResult { Version = graphs[0].Version, Problems = [] };
    }

    /// <inheritdoc/>
    public Task<bool> Activate(string userId, int version) => store.SetActiveAsync(this.GetPrimaryKey(), version, userId, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<GraphSchemasView?> GetSchemas(string userId, int? version)
    {
        if (await cache.FindAsync(this.GetPrimaryKey(), version, CancellationToken.None) is not { } graph || graph.UserId != userId) return null;
        return new GraphSchemasView
        {
            Input = JsonPayload.Take(JsonValues.CompactUtf8(GraphSchemas.Input(graph.Index))),
            Output = JsonPayload.Take(JsonValues.CompactUtf8(GraphSchemas.Output(graph.Index))),
        };
    }

    /// <inheritdoc/>
    public async Task<int> Delete(string userId)
    {
        var deleted = await store.DeleteAsync(this.GetPrimaryKey(), userId, CancellationToken.None);
        cache.Forget(this.GetPrimaryKey());
        return deleted;
    }
}
