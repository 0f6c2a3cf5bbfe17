using System.Globalization;
using System.Text.Json;
using Grainflow.Storage.Migrations;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Corpus;

/// <summary>Reads the rows of a database into a corpus, and makes a database of one as an upgrade does.</summary>
internal static class CorpusDatabase
{
    /// <summary>The tables that outlive a process, with the key that their rows are sorted by.</summary>
    private static readonly (string Table, string Key)[] Tables =
    [
        ("schema_migrations", "version"), ("users", "id"), ("graphs", "id, version"), ("runs", "id"), ("run_head", "run_id"), ("execution_events", "run_id, seq"),
        ("node_outputs", "run_id, seq"), ("node_executions", "run_id, ordinal"), ("run_snapshots", "run_id"), ("dispatch_counts", "user_id, lane"), ("wallets", "user_id"),
        ("ledger", "user_id, seq"), ("orleansstorage", "grainidhash"),
    ];

    public static async Task<IReadOnlyList<StoredRow>> ReadAsync(TestDatabase database)
    {
        var rows = new List<StoredRow>();
        foreach (var (table, key) in Tables)
        {
            await using var command = database.DataSource.CreateCommand($"SELECT row_to_json(t)::text FROM {table} t ORDER BY {key}");
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(new StoredRow(table, reader.GetString(0)));
        }

        return rows;
    }

    /// <summary>A database with the schema of the version, its rows, and then the migrations of the version that runs.</summary>
    public static async Task<TestDatabase> UpgradedAsync(CorpusFiles corpus)
    {
        var database = await TestDatabase.CreateEmptyAsync(TestContext.Current.CancellationToken);
        var token = TestContext.Current.CancellationToken;
        await ExecuteAsync(database, "CREATE TABLE schema_migrations (version int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())", token);
        foreach (var migration in corpus.Rows.Where(row => row.Table == "schema_migrations"))
            await ExecuteAsync(database, Script(JsonElement.Parse(migration.Row).GetProperty("name").GetString()!), token);
        foreach (var row in corpus.Rows)
        {
            await using var command = database.DataSource.CreateCommand($"INSERT INTO {row.Table} SELECT * FROM json_populate_record(NULL::{row.Table}, $1::json)");
            command.Parameters.AddWithValue(row.Row);
            await command.ExecuteNonQueryAsync(token);
        }

        // Refuses a migration that was changed after the version had applied it: the rows above have its checksum.
        await Migrator.MigrateAsync(database.DataSource, token);
        return database;
    }

    private static string Script(string name)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(string.Create(CultureInfo.InvariantCulture, $"Grainflow.Storage.Migrations.{name}.sql"))
            ?? throw new InvalidOperationException($"The migration {name} of an earlier version is gone."));
        return reader.ReadToEnd();
    }

    private static async Task ExecuteAsync(TestDatabase database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
