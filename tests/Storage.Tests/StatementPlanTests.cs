using Npgsql;

namespace Grainflow.Storage.Tests;

public sealed class StatementPlanTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private const string Explain = "EXPLAIN SELECT FROM runs WHERE id = '00000000-0000-0000-0000-000000000000'";
    private const string Settings =
        """
        SELECT current_setting('enable_seqscan') || ' ' || current_setting('plan_cache_mode') || ' ' || (SELECT count(*) FROM pg_prepared_statements)
        """;

    private NpgsqlDataSource? _oneSession;
    private Database? _byIndexFromStart;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var oneSession = new NpgsqlConnectionStringBuilder(fixture.Database.ConnectionString) { MaxPoolSize = 1, Options = "-c work_mem=7MB" }.ConnectionString;
        _oneSession = ConnectionStrings.CreateDataSource(oneSession);
        _byIndexFromStart = new Database(oneSession, loggerFactory: null);
        // Empty and analyzed: the cheapest plan reads it whole.
        await fixture.Source.ExecuteAsync("VACUUM ANALYZE runs", [], Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _oneSession!.DisposeAsync();
        await _byIndexFromStart!.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_index_a_small_table_is_read_through_its_index(bool fromStart)
    {
        var database = Open(fromStart);
        Assert.Contains("Index", await FirstAsync(database, Plan.ByIndex, Explain), StringComparison.Ordinal);
        Assert.StartsWith("Seq Scan", await FirstAsync(database, Plan.BySize, Explain), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_set_for_a_statement_ends_with_its_transaction(bool fromStart)
    {
        var database = Open(fromStart);
        Assert.StartsWith("off force_generic_plan", await FirstAsync(database, Plan.ByIndex, Settings), StringComparison.Ordinal);
        Assert.StartsWith("on auto", await FirstAsync(database, Plan.BySize, Settings), StringComparison.Ordinal);
        await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(Plan.ByIndex, "SELECT 1 / 0", [], Token));
        Assert.StartsWith("on auto", await FirstAsync(database, Plan.BySize, Settings), StringComparison.Ordinal);
        await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(Plan.BySize, "SELECT 1 / 0", [], Token));
        Assert.StartsWith("off force_generic_plan", await FirstAsync(database, Plan.ByIndex, Settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_address_sets_for_its_sessions_is_kept(bool fromStart) =>
        Assert.Equal("7MB", await FirstAsync(Open(fromStart), Plan.ByIndex, "SHOW work_mem"));

    [Theory]
    [InlineData(true, true, 1)]
    [InlineData(true, false, 2)]
    [InlineData(false, true, 2)]
    [InlineData(false, false, 1)]
    public async Task A_statement_and_what_is_sent_ahead_of_it_are_prepared_from_the_second_time_on(bool fromStart, bool byIndex, int prepared)
    {
        var plan = byIndex ? Plan.ByIndex : Plan.BySize;
        var database = Open(fromStart);
        await database.ExecuteAsync(plan, "SELECT 2", [], Token);
        await database.ExecuteAsync(plan, "SELECT 2", [], Token);
        Assert.EndsWith($" {prepared}", await FirstAsync(database, plan, Settings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_that_changes_rows_tells_how_many_and_is_undone_with_a_failed_one()
    {
        var database = new Database(_oneSession!);
        Assert.Equal(2, await database.ExecuteAsync(Plan.ByIndex, "INSERT INTO users (id, created_at) VALUES ('one', now()), ('two', now())", [], Token));
        await Assert.ThrowsAsync<PostgresException>(
            () => database.ExecuteAsync(Plan.ByIndex, "WITH gone AS (DELETE FROM users RETURNING 1) SELECT 1 / (count(*) - 2) FROM gone", [], Token));
        Assert.Equal(2, await database.ScalarAsync("SELECT count(*) FROM users"));
    }

    /// <summary>The database with one session.</summary>
    /// <param name="fromStart">True when the session starts with the settings of <see cref="Plan.ByIndex"/>; false when each statement sends them.</param>
    private Database Open(bool fromStart) => fromStart ? _byIndexFromStart! : new Database(_oneSession!);

    private static async Task<string> FirstAsync(Database database, Plan plan, string sql) =>
        (await database.ListAsync(plan, sql, [], row => row.GetString(0), Token))[0];
}
