using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;
using Grainflow.Storage.Tests.Pooling;
using Grainflow.Storage.Users;
using Grainflow.TestSupport;
using Npgsql;

namespace Grainflow.Storage.Tests.Hosting;

public sealed class DatabaseSchemaTests(PoolerFixture poolers) : IAsyncLifetime
{
    private TestDatabase? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestDatabase Empty => _database!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateEmptyAsync(Token);

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    [Theory]
    [InlineData("platform")]
    [InlineData("Mixed Case")]
    [InlineData("with \"quotes\" and 'apostrophes'")]
    [InlineData("a,b")]
    [InlineData("Größe")]
    public async Task A_schema_is_made_and_has_all_tables(string schema)
    {
        await using var source = ConnectionStrings.CreateDataSource(With(Empty.ConnectionString, schema));
        await MigrateAsync(source);
        await MigrateAsync(source);

        await new UserStore(new Database(source)).EnsureAsync("me", null, null, default, Token);
        Assert.Equal(0, await Empty.DataSource.ScalarAsync("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
        Assert.Equal(1, await Empty.DataSource.ScalarAsync("SELECT count(*) FROM pg_tables WHERE schemaname = $1 AND tablename = 'orleansstorage'", schema));
        Assert.NotNull(await new UserStore(new Database(source)).FindAsync("me", Token));
    }

    [Fact]
    public async Task A_schema_is_made_once_by_many_at_the_same_time()
    {
        await using var source = ConnectionStrings.CreateDataSource(With(Empty.ConnectionString, "many"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MigrateAsync(source)));
        Assert.Equal(1, await Empty.DataSource.ScalarAsync("SELECT count(*) FROM pg_namespace WHERE nspname = 'many'"));
    }

    [Fact]
    public async Task Two_servers_on_two_schemas_of_one_database_are_independent()
    {
        await using var one = ConnectionStrings.CreateDataSource(With(Empty.ConnectionString, "one"));
        await using var two = ConnectionStrings.CreateDataSource(With(Empty.ConnectionString, "two"));
        await MigrateAsync(one);
        await MigrateAsync(two);
        await using var first = await InstanceLock.AcquireAsync(one, "server", Token);
        await using var second = await InstanceLock.AcquireAsync(two, "server", Token);
        await Assert.ThrowsAsync<DataInUseException>(() => InstanceLock.AcquireAsync(one, "server", TimeSpan.Zero, Token));

        await new UserStore(new Database(one)).EnsureAsync("me", null, null, default, Token);
        Assert.Null(await new UserStore(new Database(two)).FindAsync("me", Token));
        Assert.False(await first.IsSeenThroughAsync(new Database(two), Token));
    }

    [Fact]
    public async Task Behind_a_pooler_every_statement_is_in_its_schema_and_no_other_client_is()
    {
        await using var source = ConnectionStrings.CreateDataSource(With(Empty.ConnectionString, "it's \"mine\""));
        await MigrateAsync(source);
        await Migrator.MigrateAsync(Empty.DataSource, Token);
        await using var held = await InstanceLock.AcquireAsync(source, "server", Token);
        await using var inSchema = new Database(With(poolers.Pooler.ConnectionString(Empty), "it's \"mine\""), loggerFactory: null);
        await using var inPublic = new Database(poolers.Pooler.ConnectionString(Empty), loggerFactory: null);

        await Task.WhenAll(Enumerable.Range(0, 50).SelectMany(i => new[]
        {
            new UserStore(inSchema).EnsureAsync($"mine {i}", null, null, default, Token),
            new UserStore(inPublic).EnsureAsync($"public {i}", null, null, default, Token),
        }));

        Assert.Equal(50, await new Database(source).ScalarAsync("SELECT count(*) FROM users WHERE id LIKE 'mine %'"));
        Assert.Equal(50, await Empty.DataSource.ScalarAsync("SELECT count(*) FROM users WHERE id LIKE 'public %'"));
        Assert.True(await held.IsSeenThroughAsync(inSchema, Token));
        Assert.False(await held.IsSeenThroughAsync(inPublic, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ignore_startup_parameters = search_path")]
    public async Task A_session_without_its_schema_is_refused_as_that_of_a_pooler(string settings)
    {
        Assert.SkipWhen(PgBouncer.Program is null, PgBouncer.Missing);
        await using var pooler = await PgBouncer.StartAsync(sessions: 4, settings);
        await using var source = ConnectionStrings.CreateDataSource(With(pooler.ConnectionString(Empty), "lost") + ";Max Auto Prepare=0");
        await Assert.ThrowsAsync<PoolerException>(() => DatabaseSchema.EnsureAsync(source, Token));
        Assert.Equal(0, await Empty.DataSource.ScalarAsync("SELECT count(*) FROM pg_namespace WHERE nspname = 'lost'"));
    }

    [Fact]
    public async Task A_user_who_may_not_make_or_use_a_schema_is_told_the_cure()
    {
        var user = $"limited_{Guid.NewGuid():N}";
        await new Database(Empty.DataSource).ExecuteAsync($"CREATE ROLE {user} LOGIN", [], Token);
        try
        {
            await new Database(Empty.DataSource).ExecuteAsync("CREATE SCHEMA theirs", [], Token);
            var missing = await Assert.ThrowsAsync<SchemaException>(() => EnsureAsync("not there"));
            Assert.Contains("CREATE SCHEMA \"not there\"", missing.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<SchemaException>(() => EnsureAsync("theirs"));
        }
        finally
        {
            await new Database(Empty.DataSource).ExecuteAsync($"DROP ROLE {user}", [], Token);
        }

        async Task EnsureAsync(string schema)
        {
            var settings = new NpgsqlConnectionStringBuilder(With(Empty.ConnectionString, schema)) { Username = user };
            await using var source = ConnectionStrings.CreateDataSource(settings.ConnectionString);
            await DatabaseSchema.EnsureAsync(source, Token);
        }
    }

    [Theory]
    [InlineData("?schema=one", "?schema=one", "\"one\"")]
    [InlineData("?schema=one", "", "\"one\"")]
    [InlineData("", "?schema=one", "\"one\"")]
    [InlineData("", "", null)]
    public void The_schema_of_either_address_is_that_of_both(string database, string direct, string? searchPath)
    {
        var (one, other) = ConnectionStrings.WithOneSchema("postgres://pooler/x" + database, "postgres://server/x" + direct);
        Assert.Equal(("pooler", searchPath), Read(one));
        Assert.Equal(("server", searchPath), Read(other!));
        Assert.Equal(("pooler", database.Length > 0 ? "\"one\"" : null), Read(ConnectionStrings.WithOneSchema("postgres://pooler/x" + database, null).Database));

        static (string?, string?) Read(string address)
        {
            var settings = new NpgsqlConnectionStringBuilder(ConnectionStrings.FromUrl(address));
            return (settings.Host, settings.SearchPath);
        }
    }

    [Fact]
    public void Two_addresses_with_different_schemas_are_refused() =>
        Assert.Throws<ArgumentException>(() => ConnectionStrings.WithOneSchema("postgres://pooler/x?schema=one", "postgres://server/x?schema=two"));

    [Theory]
    [InlineData("")]
    [InlineData("pg_temp")]
    [InlineData("information_schema")]
    [InlineData("$user")]
    [InlineData("line%0Afeed")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg")]
    public void A_name_that_no_schema_can_have_is_refused(string schema) =>
        Assert.Contains("schema", Assert.Throws<ArgumentException>(() => ConnectionStrings.FromUrl($"postgres://server/x?schema={schema}")).Message, StringComparison.Ordinal);

    private static string With(string connectionString, string schema) =>
        new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = new NpgsqlConnectionStringBuilder(ConnectionStrings.FromUrl($"postgres://x/x?schema={Uri.EscapeDataString(schema)}")).SearchPath }.ConnectionString;

    private static async Task MigrateAsync(NpgsqlDataSource source)
    {
        await DatabaseSchema.EnsureAsync(source, Token);
        await Migrator.MigrateAsync(source, Token);
    }
}
