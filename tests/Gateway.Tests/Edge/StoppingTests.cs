using System.Text.Json.Nodes;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Gateway.Tests.Edge;

public sealed class StoppingTests
{
    [Fact]
    public async Task A_server_that_stops_takes_no_new_runs_and_still_answers_what_is_asked()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        (await user.GetAsync("/health/ready")).IsDetail(503);
        (await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1")).IsDetail(503);
        Assert.Equal(200, (await user.GetAsync($"/api/graphs/{graph.Id()}")).Status);
        Assert.Equal(200, (await user.GetAsync("/health")).Status);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_server_that_is_about_to_stop_refuses_what_would_begin_and_says_when_to_come_again()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        server.Services.GetRequiredService<Readiness>().Leave();

        var refused = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1");
        refused.IsDetail(503);
        Assert.Equal("1", refused.Headers["Retry-After"]);
        (await user.PostAsync("/api/blocks/1ff065e9-88e8-4358-9d82-8dc91f622ba9/execute", new JsonObject { ["input"] = 1 })).IsDetail(503);
        (await user.GetAsync("/health/ready")).IsDetail(503);
        Assert.Equal(200, (await user.GetAsync("/health/live")).Status);
        Assert.Equal(200, (await user.GetAsync($"/api/graphs/{graph.Id()}/executions")).Status);
    }

    [Fact]
    public async Task A_server_without_its_database_is_not_healthy()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        await using (var command = server.Database.DataSource.CreateCommand("SELECT current_database()"))
        {
            var name = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            await using var admin = Npgsql.NpgsqlDataSource.Create(new Npgsql.NpgsqlConnectionStringBuilder(server.Database.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
#pragma warning disable CA2100 // The name is that of the test's own database.
            await using var forbid = admin.CreateCommand($"ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS false");
#pragma warning restore CA2100
            await forbid.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await using var end = admin.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1");
            end.Parameters.AddWithValue(name);
            await end.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        // The pool finds out that its connections are dead by using them, one after the other.
        Answer answer;
        do answer = await server.With(null).GetAsync("/health");
        while (answer.Status == 200);
        answer.IsError(400);
        (await server.Anybody().GetAsync("/api/graphs")).IsError(500);
    }
}
