using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

/// <summary>What a grain answers when another activation stores versions of the same graph at the same time.</summary>
public sealed class GraphConflictTests
{
    [Fact]
    public async Task An_update_whose_version_another_writer_took_is_stored_as_the_next_one()
    {
        await using var cluster = await StartAsync();
        var graph = Doubling(cluster);
        await cluster.StoreAsync(graph);
        var taken = 0;
        Store(cluster).OnInsert = async rows =>
        {
            // Twice in a row somebody else is faster.
            if (++taken <= 2) Assert.True(await Direct(cluster).InsertAsync([rows[0] with { Name = $"Somebody's {taken}" }], CancellationToken.None));
        };

        var result = await GrainOf(cluster, graph).Update(new ImportGraph { UserId = GrainCluster.User, Document = Document(graph with { Name = "Mine" }) });

        Assert.Equal((4, 0), (result.Version, result.Problems.Length));
        var versions = await Direct(cluster).VersionsAsync(Guid.Parse(graph.Id), 10, CancellationToken.None);
        Assert.Equal(["Mine", "Somebody's 2", "Somebody's 1", "Doubling"], versions.Select(version => version.Name));
        Assert.Equal(4, GraphDocument.Read(versions[0].Document.Span).Version);
    }

    [Fact]
    public async Task A_version_that_another_writer_stored_with_the_same_content_is_created()
    {
        await using var cluster = await StartAsync();
        var graph = Doubling(cluster);
        var times = 0;
        Store(cluster).OnInsert = async rows =>
        {
            if (++times == 1) Assert.True(await Direct(cluster).InsertAsync(rows, CancellationToken.None));
        };

        var result = await GrainOf(cluster, graph).Create(Command(graph));

        Assert.Equal((1, 0), (result.Version, result.Problems.Length));
        Assert.Single(await Direct(cluster).VersionsAsync(Guid.Parse(graph.Id), 10, CancellationToken.None));
    }

    [Fact]
    public async Task A_version_that_another_writer_stored_with_other_content_is_not_answered_as_stored()
    {
        await using var cluster = await StartAsync();
        var graph = Doubling(cluster);
        Store(cluster).OnInsert = async rows =>
            await Direct(cluster).InsertAsync([rows[0] with { Document = GraphDocument.Write(graph with { Name = "Somebody's" }), Name = "Somebody's" }], CancellationToken.None);

        var result = await GrainOf(cluster, graph).Create(Command(graph));

        Assert.Equal(0, result.Version);
        Assert.Equal($"Graph #{graph.Id} version 1 exists already, with other content.", Assert.Single(result.Problems).Message);
    }

    [Fact]
    public async Task A_sub_graph_that_is_there_already_is_not_stored_again()
    {
        await using var cluster = await StartAsync();
        var (graph, below) = (Doubling(cluster), Doubling(cluster));
        await cluster.StoreAsync(below);

        var result = await GrainOf(cluster, graph).Create(Command(graph, below));

        Assert.Equal((1, 0), (result.Version, result.Problems.Length));
        Assert.NotNull(await Direct(cluster).FindAsync(Guid.Parse(graph.Id), 1, CancellationToken.None));
    }

    [Fact]
    public async Task A_sub_graph_that_is_there_with_other_content_is_a_problem_and_nothing_is_stored()
    {
        await using var cluster = await StartAsync();
        var (graph, below) = (Doubling(cluster), Doubling(cluster));
        await cluster.StoreAsync(below);

        var result = await GrainOf(cluster, graph).Create(Command(graph, below with { Name = "Other" }));

        Assert.Equal(0, result.Version);
        Assert.Equal($"Graph #{below.Id} version 1 exists already, with other content.", Assert.Single(result.Problems).Message);
        Assert.Null(await Direct(cluster).FindAsync(Guid.Parse(graph.Id), null, CancellationToken.None));
    }

    private static Task<GrainCluster> StartAsync() => GrainCluster.StartAsync(new ClusterSetup
    {
        Services = services => services.AddSingleton<IGraphStore>(provider => new RacingGraphs(new GraphStore(provider.GetRequiredService<Database>()))),
    });

    private static RacingGraphs Store(GrainCluster cluster) => (RacingGraphs)cluster.Services.GetRequiredService<IGraphStore>();

    private static GraphStore Direct(GrainCluster cluster) => new(new Database(cluster.Database.DataSource));

    private static Graph Doubling(GrainCluster cluster) =>
        cluster.NewAgent("Doubling").Input("number").Output("result").Link("number.result", "result.value").Build();

    private static IGraphGrain GrainOf(GrainCluster cluster, Graph graph) => cluster.Grains.GetGrain<IGraphGrain>(Guid.Parse(graph.Id));

    private static JsonPayload Document(Graph graph) => JsonPayload.Wrap(GraphDocument.Write(graph));

    private static CreateGraph Command(params Graph[] graphs) => new() { UserId = GrainCluster.User, Documents = [.. graphs.Select(Document)] };
}
