using Npgsql;

namespace Grainflow.Storage.Migrations;

/// <summary>Brings a database to the schema of this program.</summary>
public static class Migrator
{
    // Any number that no other program uses; "grainflo" in ASCII.
    private const long LockKey = 0x677261696E666C6F;

    /// <summary>
    /// Applies the migrations that are missing, each in its own transaction. Several processes may call it at once; one of them does the work.
    /// </summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="cancellationToken">Stops before the next migration.</param>
    /// <exception cref="MigrationException">A migration failed, was changed after it was applied, or the database is newer than this program.</exception>
    public static Task MigrateAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken) =>
        MigrateAsync(dataSource, Migration.Embedded(), cancellationToken);

    /// <summary>A checksum of all migrations, 16 hexadecimal digits. It changes with every change of a migration.</summary>
    public static string SchemaChecksum() =>
        Migration.ChecksumOf(string.Concat(Migration.Embedded().Select(migration => migration.Checksum)))[..16];

    internal static async Task MigrateAsync(NpgsqlDataSource dataSource, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // A lock of the session, because each migration below is a transaction of its own. It ends with the session if this process dies.
        await connection.ExecuteAsync("SELECT pg_advisory_lock($1)", [LockKey], cancellationToken);
        try
        {
            await connection.ExecuteAsync(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                  version int PRIMARY KEY,
                  name text NOT NULL,
                  checksum text NOT NULL,
                  applied_at timestamptz NOT NULL DEFAULT now()
                )
                """,
                [],
                cancellationToken);
            var applied = await AppliedAsync(connection, cancellationToken);
            Check(applied, migrations);
            foreach (var migration in migrations.Where(migration => !applied.ContainsKey(migration.Version)))
                await ApplyAsync(connection, migration, cancellationToken);
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync("SELECT pg_advisory_unlock($1)", [LockKey], CancellationToken.None);
        }
    }

    private static async Task<Dictionary<int, (string Name, string Checksum)>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var rows = await connection.ListAsync(
            "SELECT version, name, checksum FROM schema_migrations",
            [],
            row => (Version: row.GetInt32(0), Name: row.GetString(1), Checksum: row.GetString(2)),
            cancellationToken);
        return rows.ToDictionary(row => row.Version, row => (row.Name, row.Checksum));
    }

    private static void Check(Dictionary<int, (string Name, string Checksum)> applied, IReadOnlyList<Migration> migrations)
    {
        var known = migrations.ToDictionary(migration => migration.Version);
        foreach (var (version, (name, checksum)) in applied.OrderBy(pair => pair.Key))
        {
            if (!known.TryGetValue(version, out var migration))
            {
                throw new MigrationException(
                    $"The database is newer than this program: it has migration {name}, this program knows {migrations.Count}. Start a newer version, or use another database.");
            }

            if (migration.Checksum != checksum)
            {
                throw new MigrationException(
                    $"Migration {migration.Name} was changed after it was applied to this database (as {name}). Restore the file and put the change into a new migration.");
            }
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await RunScriptAsync(connection, migration, cancellationToken);
            await connection.ExecuteAsync(
                "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
                [migration.Version, migration.Name, migration.Checksum],
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException error)
        {
            throw new MigrationException($"Migration {migration.Name} failed: {error.MessageText}", error);
        }
    }

    /// <summary>Runs a script. A script has many statements, which a command splits and a batch does not.</summary>
    private static async Task RunScriptAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var script = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a resource of this assembly.
        script.CommandText = migration.Sql;
#pragma warning restore CA2100
        await script.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>The database cannot be brought to the schema of this program. The message says why and what to do.</summary>
/// <param name="message">The reason and the cure.</param>
/// <param name="innerException">What the database said, or null.</param>
public sealed class MigrationException(string message, Exception? innerException = null) : InvalidOperationException(message, innerException);
