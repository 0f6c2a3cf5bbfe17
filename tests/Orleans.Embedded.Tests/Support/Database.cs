using Npgsql;

namespace Orleans.Embedded.Tests.Support;

/// <summary>A PostgreSQL database of a test class, with the tables of grain storage.</summary>
public sealed class Database : IAsyncLifetime
{
    private const string Variable = "GRAINFLOW_TEST_DATABASE";

    private readonly string _name = $"orleans_embedded_{Guid.NewGuid():N}";
    private readonly string _admin = Environment.GetEnvironmentVariable(Variable)
        ?? throw new InvalidOperationException($"Set {Variable} to the connection string of a PostgreSQL server on which databases may be created; ./test does so.");

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_admin) { Database = _name, MaxPoolSize = 10 }.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        await RunAsync(_admin, $"CREATE DATABASE {_name}");
        await RunAsync(ConnectionString, await File.ReadAllTextAsync(MigrationPath()));
    }

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(await reader.GetFieldValueAsync<T>(0));
        return rows;
    }

    public async Task RunAsync(string sql) => await RunAsync(ConnectionString, sql);

    public async ValueTask DisposeAsync() => await RunAsync(_admin, $"DROP DATABASE {_name} WITH (FORCE)");

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static string MigrationPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "src", "Storage", "Migrations", "0002_orleans_persistence.sql");
            if (File.Exists(path)) return path;
        }

        // A build into a folder elsewhere: the sources are where this file was compiled.
        return Path.GetFullPath(Path.Combine(SourceFolder(), "../../../src/Storage/Migrations/0002_orleans_persistence.sql"));
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
