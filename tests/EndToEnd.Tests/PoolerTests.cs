using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;
using Npgsql;

namespace Grainflow.EndToEnd.Tests;

public sealed class PoolerTests
{
    private const int Sessions = 4;

    [Fact]
    public async Task A_server_behind_a_pooler_completes_a_run()
    {
        await using var pooler = await StartAsync();
        await using var place = await Workplace.CreateAsync();
        Route(place, pooler.ConnectionString(place.Database), place.Database.ConnectionString);

        Assert.Equal("COMPLETED", await RunOnServerAsync(place));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
    }

    [Fact(Explicit = true)]
    public async Task A_server_behind_a_pooler_completes_a_run_in_the_schema_that_one_address_names()
    {
        await using var pooler = await StartAsync();
        await using var place = await Workplace.CreateAsync();
        Route(place, In(pooler.ConnectionString(place.Database), "a tenant"), place.Database.ConnectionString);

        Assert.Equal("COMPLETED", await RunOnServerAsync(place));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM \"a tenant\".runs WHERE status = 'COMPLETED'"));
        Assert.NotEqual(0, await place.CountAsync("SELECT count(*) FROM \"a tenant\".orleansquery"));
        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM public.runs"));
    }

    [Fact(Explicit = true)]
    public async Task Two_servers_on_two_schemas_of_one_database_run_at_the_same_time()
    {
        await using var place = await Workplace.CreateAsync();
        await using var other = await Workplace.CreateAsync();
        other.Environment["DATABASE_URL"] = In(place.Database.ConnectionString, "second");
        place.Environment["DATABASE_URL"] = In(place.Database.ConnectionString, "first");
        await using var first = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var second = await RunningServer.StartAsync(other, FreePorts.Pair());

        Assert.Equal(["COMPLETED", "COMPLETED"], await Task.WhenAll(GreetAsync(first), GreetAsync(second)));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM first.runs"));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM second.runs"));
    }

    [Fact]
    public async Task A_pooler_alone_is_refused_with_the_setting_that_cures_it()
    {
        await using var pooler = await StartAsync();
        await using var place = await Workplace.CreateAsync();
        place.Environment["DATABASE_URL"] = pooler.ConnectionString(place.Database);
        await AssertRefusedAsync(place, "DATABASE_URL leads to a connection pooler", "Set DIRECT_URL to the address of PostgreSQL itself");
        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task A_pooler_as_the_direct_address_is_refused_by_name()
    {
        await using var pooler = await StartAsync();
        await using var place = await Workplace.CreateAsync();
        Route(place, place.Database.ConnectionString, pooler.ConnectionString(place.Database));
        await AssertRefusedAsync(place, "DIRECT_URL leads to a connection pooler");
    }

    [Fact]
    public async Task Two_addresses_of_different_databases_are_refused_before_anything_is_made()
    {
        await using var place = await Workplace.CreateAsync();
        await using var other = await TestDatabase.CreateEmptyAsync();
        Route(place, place.Database.ConnectionString, other.ConnectionString);
        await AssertRefusedAsync(place, "DATABASE_URL and DIRECT_URL lead to different databases");
        await using var command = other.DataSource.CreateCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    private static Task<PgBouncer> StartAsync()
    {
        Assert.SkipWhen(PgBouncer.Program is null, PgBouncer.Missing);
        return PgBouncer.StartAsync(Sessions);
    }

    private static void Route(Workplace place, string databaseUrl, string directUrl)
    {
        place.Environment["DATABASE_URL"] = databaseUrl;
        place.Environment["DIRECT_URL"] = directUrl;
    }

    private static string In(string connectionString, string schema) => new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = $"\"{schema}\"" }.ConnectionString;

    private static async Task<string> RunOnServerAsync(Workplace place)
    {
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        return await GreetAsync(server);
    }

    private static async Task<string> GreetAsync(RunningServer server)
    {
        var graph = await server.PostAsync("/api/graphs", $$"""{"graph": {{await File.ReadAllTextAsync(Repository.Example("greeting.json"))}}}""");
        var graphId = graph.GetProperty("id").GetString()!;
        var run = await server.PostAsync($"/api/graphs/{graphId}/execute/1", """{"inputs": {"name": "Ada"}}""");
        return await server.EndOfAsync(graphId, run.GetProperty("id").GetString()!);
    }

    private static async Task AssertRefusedAsync(Workplace place, params string[] parts)
    {
        var result = await place.RunAsync(Repository.Example("greeting.json"), "--input", "name=Ada");
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.All(parts, part => Assert.Contains(part, result.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }
}
