using System.Collections.Concurrent;
using System.Reflection;
using Grainflow.Storage;
using Grainflow.Storage.Migrations;
using Npgsql;

namespace Grainflow.TestSupport;

/// <summary>A migrated database of its own for a test class, copied from a template and dropped at the end.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>The environment variable that names the server: a connection string that may create databases.</summary>
    public const string Variable = "GRAINFLOW_TEST_DATABASE";

    // Any number that no other program uses; "graintpl" in ASCII.
    private const long TemplateLock = 0x677261696E74706C;

    private readonly string _name;

    private TestDatabase(string name)
    {
        _name = name;
        ConnectionString = With(name);
        DataSource = ConnectionStrings.CreateDataSource(ConnectionString);
    }

    /// <summary>The connection string of the database.</summary>
    public string ConnectionString { get; }

    /// <summary>Connections to the database, disposed with it.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Makes a database with every migration applied.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">No server is named.</exception>
    public static async Task<TestDatabase> CreateAsync(CancellationToken cancellationToken = default)
    {
        await using var admin = Admin();
        var template = $"grainflow_template_{Migrator.SchemaChecksum()}";
        await EnsureTemplateAsync(admin, template, cancellationToken);
        return await CreateAsync(admin, $"TEMPLATE {template}", cancellationToken);
    }

    /// <summary>Makes a database without any table.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">No server is named.</exception>
    public static async Task<TestDatabase> CreateEmptyAsync(CancellationToken cancellationToken = default)
    {
        await using var admin = Admin();
        return await CreateAsync(admin, "TEMPLATE template0", cancellationToken);
    }

    /// <summary>Drops the database, with whatever is still connected to it.</summary>
    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await ForgetPoolsAsync();
        await using var admin = Admin();
        await ExecuteAsync(admin, $"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", CancellationToken.None);
    }

    /// <summary>
    /// Removes the pools of connections that were opened by the connection string, as Orleans' providers do. Npgsql keeps such pools as long as the process lives, each with the
    /// types of its database: after hundreds of tests they were half of the memory, which each silo that starts has collected in full.
    /// </summary>
    private async Task ForgetPoolsAsync()
    {
        var pools = (ConcurrentDictionary<string, NpgsqlDataSource>)typeof(NpgsqlConnection).Assembly
            .GetType("Npgsql.PoolManager", throwOnError: true)!.GetProperty("Pools", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        foreach (var key in pools.Keys.Where(key => key.Contains(_name, StringComparison.Ordinal)))
            if (pools.TryRemove(key, out var pool)) await pool.DisposeAsync();
    }

    private static async Task<TestDatabase> CreateAsync(NpgsqlDataSource admin, string options, CancellationToken cancellationToken)
    {
        var name = $"grainflow_test_{Environment.ProcessId}_{Guid.NewGuid():N}";
        await ExecuteAsync(admin, $"CREATE DATABASE {name} {options}", cancellationToken);
        return new TestDatabase(name);
    }

    // Test processes run side by side, so the first to hold the lock makes the template. It is marked as one only when it is complete.
    private static async Task EnsureTemplateAsync(NpgsqlDataSource admin, string template, CancellationToken cancellationToken)
    {
        await using var connection = await admin.OpenConnectionAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT pg_advisory_lock({TemplateLock})";
        await command.ExecuteNonQueryAsync(cancellationToken);

        command.CommandText = "SELECT count(*) FROM pg_database WHERE datname = $1 AND datistemplate";
        command.Parameters.AddWithValue(template);
        if (await command.ExecuteScalarAsync(cancellationToken) is not 0L) return;

        await ExecuteAsync(admin, $"DROP DATABASE IF EXISTS {template} WITH (FORCE)", cancellationToken);
        await ExecuteAsync(admin, $"CREATE DATABASE {template} TEMPLATE template0", cancellationToken);
        await using (var source = NpgsqlDataSource.Create(With(template)))
            await Migrator.MigrateAsync(source, cancellationToken);
        await ExecuteAsync(admin, $"ALTER DATABASE {template} IS_TEMPLATE true", cancellationToken);
    }

    /// <summary>The server that the tests use.</summary>
    internal static NpgsqlConnectionStringBuilder Server() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } server
            ? new NpgsqlConnectionStringBuilder(ConnectionStrings.FromUrl(server))
            : throw new InvalidOperationException($"Run ./test, or set {Variable} to the connection string of a PostgreSQL server that may create databases.");

    /// <summary>Connections to the server for statements about databases. They need none of the types that Npgsql reads by default when it first connects.</summary>
    private static NpgsqlDataSource Admin()
    {
        var builder = new NpgsqlDataSourceBuilder(With(null));
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return builder.Build();
    }

    private static string With(string? database)
    {
        // A pool would keep databases busy that are about to be dropped or copied.
        var settings = Server();
        settings.Pooling = database is not null;
        if (database is not null) settings.Database = database;
        return settings.ConnectionString;
    }

#pragma warning disable CA2100 // Names cannot be parameters; these are made here, of letters, digits and underscores.
    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
#pragma warning restore CA2100
}
