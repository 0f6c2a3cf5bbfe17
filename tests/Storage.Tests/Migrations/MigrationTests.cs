using Grainflow.Storage.Migrations;
using Grainflow.TestSupport;

namespace Grainflow.Storage.Tests.Migrations;

public sealed class MigrationTests : IAsyncLifetime
{
    private static readonly Migration One = new(1, "0001_one", "CREATE TABLE one (id int);");
    private static readonly Migration Two = new(2, "0002_two", "CREATE TABLE two (id int); INSERT INTO two VALUES (1);");

    private TestDatabase? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Npgsql.NpgsqlDataSource Source => _database!.DataSource;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateEmptyAsync(Token);

    public ValueTask DisposeAsync() => _database!.DisposeAsync();

    [Fact]
    public async Task Every_migration_of_the_program_is_applied_once()
    {
        await Migrator.MigrateAsync(Source, Token);
        await Migrator.MigrateAsync(Source, Token);
        Assert.Equal(Migration.Embedded().Count, await Source.ScalarAsync("SELECT count(*) FROM schema_migrations"));
        Assert.Equal(0, await Source.ScalarAsync("SELECT count(*) FROM runs"));
    }

    [Fact]
    public async Task Later_migrations_are_added_to_earlier_ones()
    {
        await Migrator.MigrateAsync(Source, [One], Token);
        await Migrator.MigrateAsync(Source, [One, Two], Token);
        Assert.Equal(1, await Source.ScalarAsync("SELECT count(*) FROM two"));
    }

    [Fact]
    public async Task Processes_that_start_together_do_not_disturb_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Migrator.MigrateAsync(Source, [One, Two], Token)));
        Assert.Equal(1, await Source.ScalarAsync("SELECT count(*) FROM two"));
    }

    [Fact]
    public async Task A_migration_that_was_changed_after_it_was_applied_is_refused()
    {
        await Migrator.MigrateAsync(Source, [One], Token);
        var error = await Assert.ThrowsAsync<MigrationException>(
            () => Migrator.MigrateAsync(Source, [One with { Sql = "CREATE TABLE other (id int);" }, Two], Token));
        Assert.Contains("0001_one was changed after it was applied", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Source.ScalarAsync("SELECT count(*) FROM schema_migrations"));
    }

    [Fact]
    public async Task Line_ends_do_not_change_a_migration()
    {
        await Migrator.MigrateAsync(Source, [One with { Sql = "SELECT 1;\nSELECT 2;" }], Token);
        await Migrator.MigrateAsync(Source, [One with { Sql = "SELECT 1;\r\nSELECT 2;" }], Token);
        Assert.Equal(1, await Source.ScalarAsync("SELECT count(*) FROM schema_migrations"));
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_refused()
    {
        await Migrator.MigrateAsync(Source, [One, Two], Token);
        var error = await Assert.ThrowsAsync<MigrationException>(() => Migrator.MigrateAsync(Source, [One], Token));
        Assert.Contains("The database is newer than this program: it has migration 0002_two", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_behind_and_is_named()
    {
        var broken = Two with { Sql = "CREATE TABLE half (id int); SELECT 1 / 0;" };
        var error = await Assert.ThrowsAsync<MigrationException>(() => Migrator.MigrateAsync(Source, [One, broken], Token));
        Assert.Equal("Migration 0002_two failed: division by zero", error.Message);
        Assert.Equal(0, await Source.ScalarAsync("SELECT count(*) FROM pg_class WHERE relname = 'half'"));

        await Migrator.MigrateAsync(Source, [One, Two], Token);
        Assert.Equal(2, await Source.ScalarAsync("SELECT count(*) FROM schema_migrations"));
    }
}
