using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Tests;

public sealed class GraphGrainTests
{
    [Fact]
    public async Task Creating_a_graph_again_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Doubling(cluster);

        var first = await GrainOf(cluster, graph).Create(Command(graph));
        var second = await GrainOf(cluster, graph).Create(Command(graph));

        Assert.Equal((1, 1), (first.Version, second.Version));
        Assert.Empty(first.Problems);
        Assert.Empty(second.Problems);
        var row = await Graphs(cluster).FindAsync(Guid.Parse(graph.Id), null, CancellationToken.None);
        Assert.Equal((GrainCluster.User, "Doubling", true), (row!.UserId, row.Name, row.IsActive));
    }

    [Fact]
    public async Task A_document_with_a_bad_link_is_refused_and_nothing_is_stored()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var good = Doubling(cluster);
        var bad = cluster.NewAgent("Bad").Input("in").Output("out").Link("in.result", "out.nothing").Build();

        var result = await GrainOf(cluster, good).Create(new CreateGraph { UserId = GrainCluster.User, Documents = [Document(good), Document(bad)] });

        Assert.Equal(0, result.Version);
        Assert.Contains(result.Problems, problem => problem is { NodeId: "out", Field: "nothing" });
        Assert.Null(await Graphs(cluster).FindAsync(Guid.Parse(good.Id), null, CancellationToken.None));
    }

    [Fact]
    public async Task The_first_graph_must_be_the_one_of_the_grain()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var other = cluster.Grains.GetGrain<IGraphGrain>(cluster.Ids.NewId());

        Assert.Contains("must have the id", Assert.Single((await other.Create(Command(Doubling(cluster)))).Problems).Message, StringComparison.Ordinal);
        Assert.NotEmpty((await other.Create(new CreateGraph { UserId = GrainCluster.User, Documents = [] })).Problems);
    }

    [Fact]
    public async Task A_document_that_is_no_graph_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var grain = cluster.Grains.GetGrain<IGraphGrain>(cluster.Ids.NewId());

        var result = await grain.Create(new CreateGraph { UserId = GrainCluster.User, Documents = [JsonPayload.EmptyObject] });

        Assert.NotEmpty(result.Problems);
    }

    [Fact]
    public async Task Schemas_are_derived_from_the_inputs_and_outputs_for_the_owner_only()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Doubling(cluster);
        await cluster.StoreAsync(graph);

        var schemas = await GrainOf(cluster, graph).GetSchemas(GrainCluster.User, null);

        var input = JsonValues.ParseUtf8(schemas!.Input.Memory.Span);
        Assert.Equal(["number"], input.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal("""["number"]""", JsonValues.Compact(input.GetProperty("required")));
        var output = JsonValues.ParseUtf8(schemas.Output.Memory.Span);
        Assert.Equal(["result"], output.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Null(await GrainOf(cluster, graph).GetSchemas("user-2", null));
        Assert.Null(await GrainOf(cluster, graph).GetSchemas(GrainCluster.User, 2));
    }

    [Fact]
    public async Task One_version_is_active_and_only_the_owner_chooses_it()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var first = Doubling(cluster);
        var second = first with { Version = 2, IsActive = false };
        await cluster.StoreAsync(first);
        await cluster.StoreAsync(second);

        Assert.False(await GrainOf(cluster, first).Activate("user-2", 2));
        Assert.False(await GrainOf(cluster, first).Activate(GrainCluster.User, 3));
        Assert.True(await GrainOf(cluster, first).Activate(GrainCluster.User, 2));

        var versions = await Graphs(cluster).VersionsAsync(Guid.Parse(first.Id), 10, CancellationToken.None);
        Assert.Equal([(2, true), (1, false)], versions.Select(version => (version.Version, version.IsActive)));
    }

    [Fact]
    public async Task Only_the_owner_deletes_a_graph_and_then_it_cannot_run()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Doubling(cluster);
        await cluster.StoreAsync(graph);
        await cluster.StoreAsync(graph with { Version = 2 });
        await GrainOf(cluster, graph).GetSchemas(GrainCluster.User, 1);

        Assert.Equal(0, await GrainOf(cluster, graph).Delete("user-2"));
        Assert.NotNull(await GrainOf(cluster, graph).GetSchemas(GrainCluster.User, 1));
        Assert.Equal(2, await GrainOf(cluster, graph).Delete(GrainCluster.User));
        Assert.Null(await GrainOf(cluster, graph).GetSchemas(GrainCluster.User, 1));
        Assert.Equal(0, await GrainOf(cluster, graph).Delete(GrainCluster.User));
        Assert.False((await cluster.Run(cluster.Ids.NewId()).Start(GrainCluster.Command(graph, new { number = 1 }))).Accepted);
    }

    [Fact]
    public async Task A_graph_of_another_user_is_not_overwritten()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var graph = Doubling(cluster);
        await cluster.StoreAsync(graph);

        var result = await GrainOf(cluster, graph).Create(Command(graph with { Name = "Mine now", Version = 2 }) with { UserId = "user-2" });

        Assert.NotEmpty(result.Problems);
        var versions = await Graphs(cluster).VersionsAsync(Guid.Parse(graph.Id), 10, CancellationToken.None);
        Assert.Equal(["Doubling"], versions.Select(version => version.Name));
    }

    private static Graph Doubling(GrainCluster cluster) =>
        cluster.NewAgent("Doubling").Input("number").Output("result").Link("number.result", "result.value").Build();

    private static IGraphGrain GrainOf(GrainCluster cluster, Graph graph) => cluster.Grains.GetGrain<IGraphGrain>(Guid.Parse(graph.Id));

    private static GraphStore Graphs(GrainCluster cluster) => new(new Database(cluster.Database.DataSource));

    private static JsonPayload Document(Graph graph) => JsonPayload.Wrap(GraphDocument.Write(graph));

    private static CreateGraph Command(Graph graph) => new() { UserId = GrainCluster.User, Documents = [Document(graph)] };
}
