using System.Diagnostics;
using Grainflow.Storage;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;
using Npgsql;

namespace Grainflow.Silo.Hosting;

/// <summary>The instance lock of a server with its database. One process at a time holds it, so the holder knows that every earlier process is dead.</summary>
internal sealed class Instance : IAsyncDisposable
{
    /// <summary>The major version of PostgreSQL that the migrations need.</summary>
    private const int OldestServer = 14;

    private readonly NpgsqlDataSource _dataSource;
    private readonly InstanceLock _lock;
    private readonly PrivateDatabase? _privateDatabase;

    private Instance(NpgsqlDataSource dataSource, InstanceLock held, PrivateDatabase? privateDatabase)
    {
        _dataSource = dataSource;
        _lock = held;
        _privateDatabase = privateDatabase;
    }

    /// <summary>Cancelled when the lock is lost because its database connection has ended.</summary>
    public CancellationToken Lost => _lock.Lost;

    /// <summary>Acquires the lock and applies the migrations of the database.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Gives up waiting for the database.</param>
    /// <exception cref="DataInUseException">Another process holds the lock.</exception>
    /// <exception cref="SettingsException">
    /// The server is too old or read-only, the addresses lead to a pooler or to two databases, or their schema cannot be used.
    /// </exception>
    public static async Task<Instance> AcquireAsync(Settings settings, CancellationToken cancellationToken)
    {
        var name = settings.DirectUrl is null ? "DATABASE_URL" : "DIRECT_URL";
        var instance = await LockAsync(name, settings.DirectUrl ?? settings.DatabaseUrl, settings.PrivateDatabase, cancellationToken);
        try
        {
            await RequireOneDatabaseAsync(settings, instance._lock, cancellationToken);
            await Migrator.MigrateAsync(instance._dataSource, cancellationToken);
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the private PostgreSQL that <c>./run</c> has started for a command that is refused, unless another process uses it.</summary>
    /// <param name="variable">Looks up environment variables.</param>
    public static async Task StopPrivateDatabaseAsync(Func<string, string?> variable)
    {
        if (PrivateDatabase.Find(variable) is not { } database || variable("DATABASE_URL") is not { } url) return;
        try
        {
            await using var instance = await LockAsync("DATABASE_URL", url, database, CancellationToken.None);
        }
        catch (Exception exception) when (exception is DataInUseException or NpgsqlException)
        {
            // The process that holds the lock stops the server when it ends; a server that cannot be asked may have such a process.
        }
    }

    /// <summary>Releases the lock, and stops the private PostgreSQL if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lock.DisposeAsync();
        await _dataSource.DisposeAsync();
        if (_privateDatabase is not { } database) return;

        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(database.Script);
        start.ArgumentList.Add("stop");
        start.ArgumentList.Add(database.Folder);
        using var stop = Process.Start(start);
        if (stop is not null) await stop.WaitForExitAsync();
    }

    private static async Task<Instance> LockAsync(string name, string url, PrivateDatabase? privateDatabase, CancellationToken cancellationToken)
    {
        var dataSource = ConnectionStrings.CreateDataSource(url);
        try
        {
            await RequireServerAsync(name, dataSource, cancellationToken);
            await DatabaseSchema.EnsureAsync(dataSource, cancellationToken);
            var held = await InstanceLock.AcquireAsync(dataSource, "grainflow", cancellationToken);
            return new Instance(dataSource, held, privateDatabase);
        }
        catch (Exception exception)
        {
            await dataSource.DisposeAsync();
            if (exception is PoolerException) throw Refusal(name, exception);
            if (exception is SchemaException) throw new SettingsException(exception.Message);
            throw;
        }
    }

    private static async Task RequireServerAsync(string name, NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new SettingsException($"{name} names PostgreSQL {connection.PostgreSqlVersion}; {OldestServer} or newer is needed.");
        await using var command = new NpgsqlCommand("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
            throw new SettingsException($"{name} names a PostgreSQL server that is a standby or read-only; it must name the primary.");
    }

    private static SettingsException Refusal(string name, Exception pooler) => new(
        $"{name} leads to a connection pooler that shares sessions, such as pgbouncer in transaction mode. "
        + "The lock of a server and the migrations need a session of their own. "
        + $"Set DIRECT_URL to the address of PostgreSQL itself; DATABASE_URL may be the pooler's. ({pooler.Message})");

    /// <summary>Refuses two addresses of different databases: the lock would be held in one of them and the runs be written in the other.</summary>
    private static async Task RequireOneDatabaseAsync(Settings settings, InstanceLock held, CancellationToken cancellationToken)
    {
        if (settings.DirectUrl is null) return;
        await using var database = new Database(settings.DatabaseUrl, loggerFactory: null);
        if (!await held.IsSeenThroughAsync(database, cancellationToken))
            throw new SettingsException("DATABASE_URL and DIRECT_URL lead to different databases: the lock that was acquired through DIRECT_URL is not seen through DATABASE_URL.");
    }
}
