using Grainflow.Storage.Hosting;
using Grainflow.TestSupport;
using Npgsql;

namespace Grainflow.Storage.Tests.Pooling;

public sealed class PoolerSessionTests(DatabaseFixture fixture, PoolerFixture poolers) : IClassFixture<DatabaseFixture>
{
    private const string Held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Pooled => poolers.Pooler.ConnectionString(fixture.Database);

    [Fact]
    public async Task The_instance_lock_is_refused_and_nothing_stays_locked()
    {
        await using var pooled = Unprepared(Pooled);
        await Assert.ThrowsAsync<PoolerException>(() => InstanceLock.AcquireAsync(pooled, "pooled", Token));
        Assert.Equal(0, await fixture.Source.ScalarAsync(Held));
    }

    [Fact]
    public async Task The_instance_lock_is_refused_by_a_pooler_with_one_session()
    {
        await using var pooler = await PgBouncer.StartAsync(sessions: Required(1));
        await using var pooled = Unprepared(pooler.ConnectionString(fixture.Database));
        await Assert.ThrowsAsync<PoolerException>(() => InstanceLock.AcquireAsync(pooled, "pooled", Token));
    }

    [Fact]
    public async Task The_instance_lock_is_refused_by_a_pooler_that_takes_its_sessions_in_turn()
    {
        await using var pooler = await PgBouncer.StartAsync(Required(3), "server_round_robin = 1");
        await using var pooled = Unprepared(pooler.ConnectionString(fixture.Database));
        await using (var warm = await pooled.OpenConnectionAsync(Token))
        await using (await warm.BeginTransactionAsync(Token))
        await using (var other = await pooled.OpenConnectionAsync(Token))
        {
            await other.ListAsync("SELECT 1", [], row => row.GetInt32(0), Token);
        }

        await Assert.ThrowsAsync<PoolerException>(() => InstanceLock.AcquireAsync(pooled, "pooled", Token));
    }

    [Fact]
    public async Task A_pooler_in_session_mode_serves_the_instance_lock()
    {
        await using var pooler = await PgBouncer.StartAsync(Required(4), "pool_mode = session");
        await using var pooled = Unprepared(pooler.ConnectionString(fixture.Database));
        await using var held = await InstanceLock.AcquireAsync(pooled, "of a session", Token);
        await Assert.ThrowsAsync<DataInUseException>(() => InstanceLock.AcquireAsync(fixture.Database.DataSource, "of a session", TimeSpan.Zero, Token));
    }

    [Fact]
    public async Task A_lock_is_seen_through_a_pooler_of_the_same_database_only()
    {
        await using var held = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "seen", Token);
        await using var pooled = new Database(Pooled, loggerFactory: null);
        Assert.True(await held.IsSeenThroughAsync(pooled, Token));
        Assert.True(await held.IsSeenThroughAsync(fixture.Source, Token));

        await using var elsewhere = await TestDatabase.CreateAsync(Token);
        await using var wrong = new Database(poolers.Pooler.ConnectionString(elsewhere), loggerFactory: null);
        Assert.False(await held.IsSeenThroughAsync(wrong, Token));
    }

    [Fact]
    public async Task Nothing_of_a_statement_stays_in_the_sessions_of_a_pooler()
    {
        await using var pooled = new Database(Pooled, loggerFactory: null);
        const string All = "SELECT current_setting('enable_seqscan') || current_setting('plan_cache_mode') || current_setting('search_path') || (SELECT count(*) FROM pg_prepared_statements)";
        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => pooled.ListAsync(Plan.ByIndex, "SELECT count(*) FROM runs", [], row => row.GetInt64(0), Token)));
        }

        await using var plain = Unprepared(Pooled);
        foreach (var setting in await Task.WhenAll(Enumerable.Range(0, PoolerFixture.Sessions).Select(_ => new Database(plain).ListAsync(All, [], row => row.GetString(0), Token))))
            Assert.Equal("onauto\"$user\", public0", setting[0]);
    }

    private static int Required(int sessions)
    {
        Assert.SkipWhen(PgBouncer.Program is null, PgBouncer.Missing);
        return sessions;
    }

    private static NpgsqlDataSource Unprepared(string connectionString) =>
        ConnectionStrings.CreateDataSource(new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 0 }.ConnectionString);
}
