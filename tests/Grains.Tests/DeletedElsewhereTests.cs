using Grainflow.Engine.Graphs;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Graphs;
using Grainflow.TestSupport;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Tests;

/// <summary>Two silos, each with a cache of prepared graphs, and a graph that one of them deletes.</summary>
public sealed class DeletedElsewhereTests : IAsyncLifetime
{
    private readonly TestBlocks _blocks = new();
    private TestDatabase? _database;
    private GraphStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(Token);
        _store = new GraphStore(new Database(_database.DataSource));
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_version_that_another_silo_has_read_is_gone_there_too_and_stays_for_its_runs()
    {
        var (graph, _) = await StoreFamilyAsync();
        using GraphCache here = Cache(), there = Cache();
        var id = Guid.Parse(graph.Id);
        Assert.NotNull(await there.FindAsync(id, graph.Version, Token));

        await DeleteAsync(graph, here);

        Assert.Null(await there.FindAsync(id, graph.Version, Token));
        Assert.Null(await there.FindAsync(id, null, Token));
        Assert.Null(await here.FindAsync(id, graph.Version, Token));
        Assert.NotNull(await there.FindForRunAsync(id, graph.Version, Token));
    }

    [Fact]
    public async Task A_sub_agent_that_another_silo_has_read_is_left_out_of_its_family_there_too()
    {
        var (parent, child) = await StoreFamilyAsync();
        using GraphCache here = Cache(), there = Cache();
        var families = new GraphFamilies(there, _blocks);
        Assert.Single(await families.BelowAsync(parent, GrainCluster.User, [], Token));

        await DeleteAsync(child, here);

        Assert.Empty(await families.BelowAsync(parent, GrainCluster.User, [], Token));
    }

    private GraphCache Cache() => new(_store, _blocks, Options.Create(new GraphCacheOptions()));

    private async Task DeleteAsync(Graph graph, GraphCache cache)
    {
        Assert.Equal(1, await _store.DeleteAsync(Guid.Parse(graph.Id), GrainCluster.User, DateTimeOffset.UnixEpoch, Token));
        cache.Remove(Guid.Parse(graph.Id));
    }

    private async Task<(Graph Parent, Graph Child)> StoreFamilyAsync()
    {
        var ids = new TestIds();
        var child = new AgentBuilder(ids.NewId(), "Child").Input("text").Output("result").Link("text.result", "result.value").Build();
        var parent = new AgentBuilder(ids.NewId(), "Parent").Input("text").Agent("agent", child).Link("text.result", "agent.text").Build();
        var rows = new[] { parent, child }.Select(graph => new GraphRow
        {
            Id = Guid.Parse(graph.Id),
            Version = graph.Version,
            UserId = GrainCluster.User,
            Name = graph.Name,
            Document = GraphDocument.Write(graph),
            CreatedAt = DateTimeOffset.UnixEpoch,
        });
        Assert.True(await _store.InsertAsync([.. rows], Token));
        return (parent, child);
    }
}
