using Grainflow.Storage.Graphs;

namespace Grainflow.Storage.Tests.Graphs;

public class GraphStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly GraphStore _store = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_is_found_as_it_was_inserted()
    {
        var graph = Graph() with { Description = "what it does", IsActive = true, Document = Text.Json("""{"z":[],"a":1.50}""") };
        Assert.True(await _store.InsertAsync([graph], Token));

        var found = (await _store.FindAsync(graph.Id, 1, Token))!;
        Assert.Equal("""{"z":[],"a":1.50}""", Text.Of(found.Document));
        Assert.Equal(graph with { Document = default }, found with { Document = default });
    }

    [Fact]
    public async Task The_highest_version_is_found_when_none_is_named()
    {
        var graph = Graph();
        await _store.InsertAsync([graph, graph with { Version = 10 }, graph with { Version = 9 }], Token);

        Assert.Equal(10, (await _store.FindAsync(graph.Id, null, Token))!.Version);
        Assert.Equal(9, (await _store.FindAsync(graph.Id, 9, Token))!.Version);
        Assert.Null(await _store.FindAsync(graph.Id, 2, Token));
        Assert.Null(await _store.FindAsync(fixture.NextId(), null, Token));
        Assert.Equal([10, 9], (await _store.VersionsAsync(graph.Id, 2, Token)).Select(version => version.Version));
    }

    [Fact]
    public async Task When_one_version_exists_none_is_inserted()
    {
        var graph = Graph();
        var other = Graph();
        await _store.InsertAsync([graph], Token);

        Assert.False(await _store.InsertAsync([other, graph with { Name = "again" }], Token));

        Assert.Null(await _store.FindAsync(other.Id, null, Token));
        Assert.Equal("name", (await _store.FindAsync(graph.Id, 1, Token))!.Name);
    }

    [Fact]
    public async Task Many_versions_are_found_at_once()
    {
        var one = Graph();
        var two = Graph();
        await _store.InsertAsync([one, one with { Version = 2 }, two, two with { Version = 2 }], Token);

        var found = await _store.FindManyAsync([new GraphKey(one.Id, 2), new GraphKey(two.Id, 1), new GraphKey(two.Id, 7)], Token);

        Assert.Equal([(one.Id, 2), (two.Id, 1)], found.Select(graph => (graph.Id, graph.Version)).Order());
    }

    [Fact]
    public async Task One_version_at_a_time_is_active()
    {
        var graph = Graph() with { IsActive = true };
        await _store.InsertAsync([graph, graph with { Version = 2, IsActive = false }], Token);

        Assert.True(await _store.SetActiveAsync(graph.Id, 2, graph.UserId, Token));
        Assert.Equal([(2, true), (1, false)], (await _store.VersionsAsync(graph.Id, 10, Token)).Select(version => (version.Version, version.IsActive)));

        Assert.False(await _store.SetActiveAsync(graph.Id, 3, graph.UserId, Token));
        Assert.False(await _store.SetActiveAsync(graph.Id, 1, "somebody else", Token));
        Assert.Equal([(2, true), (1, false)], (await _store.VersionsAsync(graph.Id, 10, Token)).Select(version => (version.Version, version.IsActive)));
    }

    [Fact]
    public async Task Only_its_owner_deletes_a_graph()
    {
        var graph = Graph();
        await _store.InsertAsync([graph, graph with { Version = 2 }], Token);

        Assert.Equal(0, await _store.DeleteAsync(graph.Id, "somebody else", Start, Token));
        Assert.Equal(2, await _store.DeleteAsync(graph.Id, graph.UserId, Start, Token));
        Assert.Null(await _store.FindAsync(graph.Id, null, Token));
    }

    private GraphRow Graph() => new()
    {
        Id = fixture.NextId(),
        Version = 1,
        UserId = fixture.NextUser(),
        Name = "name",
        Document = Text.Json("{}"),
        CreatedAt = Start,
    };
}
