using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Graphs;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Graphs;

public sealed class GraphModelsTests
{
    [Fact]
    public async Task Graphs_from_before_are_filled_in_and_read_the_same()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        await using (var command = server.Database.DataSource.CreateCommand("UPDATE graphs SET model = NULL"))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Equal("{}", (await user.GetAsync($"/api/graphs/{graph.Id()}")).Json.GetProperty("input_schema").GetRawText());

        var models = server.Services.GetRequiredService<GraphModels>();
        Assert.Equal(1, await models.AddMissingAsync(TestContext.Current.CancellationToken));
        Assert.Equal(graph.GetRawText(), (await user.GetAsync($"/api/graphs/{graph.Id()}")).Text);
        Assert.Equal(0, await models.AddMissingAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Updates_at_the_same_time_get_versions_of_their_own()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var updates = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => user.PutAsync($"/api/graphs/{graph.Id()}", TestGraph.Echo().Json())));
        Assert.Equal(Enumerable.Range(2, 8), updates.Select(update => update.Json.GetProperty("version").GetInt32()).Order());
        var versions = (await user.GetAsync($"/api/graphs/{graph.Id()}/versions")).Json.EnumerateArray().ToList();
        Assert.Equal(9, Assert.Single(versions, version => version.GetProperty("is_active").GetBoolean()).GetProperty("version").GetInt32());
    }
}
