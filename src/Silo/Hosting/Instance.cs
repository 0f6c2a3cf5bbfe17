using System.Diagnostics;
using Grainflow.Storage;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;
using Npgsql;

namespace Grainflow.Silo.Hosting;

/// <summary>The instance lock of a server with its database. One process at a time holds it, so the holder knows that every earlier process is dead.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private readonly Settings _settings;
    private readonly NpgsqlDataSource _dataSource;
    private readonly InstanceLock _lock;

    private Instance(Settings settings, NpgsqlDataSource dataSource, InstanceLock held)
    {
        _settings = settings;
        _dataSource = dataSource;
        _lock = held;
    }

    /// <summary>Cancelled when the lock is lost because its database connection has ended.</summary>
    public CancellationToken Lost => _lock.Lost;

    /// <summary>Acquires the lock and applies the migrations of the database.</summary>
    /// <exception cref="DataInUseException">Another process holds the lock.</exception>
    /// <exception cref="SettingsException">The addresses lead to a pooler or to two databases, or their schema cannot be used.</exception>
    public static async Task<Instance> AcquireAsync(Settings settings, CancellationToken cancellationToken)
    {
        var dataSource = ConnectionStrings.CreateDataSource(settings.DirectUrl ?? settings.DatabaseUrl);
        InstanceLock? held = null;
        try
        {
            await DatabaseSchema.EnsureAsync(dataSource, cancellationToken);
            held = await InstanceLock.AcquireAsync(dataSource, "grainflow", cancellationToken);
            await RequireOneDatabaseAsync(settings, held, cancellationToken);
            await Migrator.MigrateAsync(dataSource, cancellationToken);
            return new Instance(settings, dataSource, held);
        }
        catch (Exception exception)
        {
            if (held is not null) await held.DisposeAsync();
            await dataSource.DisposeAsync();
            if (exception is PoolerException) throw Refusal(settings, exception);
            if (exception is SchemaException) throw new SettingsException(exception.Message);
            throw;
        }
    }

    private static SettingsException Refusal(Settings settings, Exception pooler) => new(
        $"{(settings.DirectUrl is null ? "DATABASE_URL" : "DIRECT_URL")} leads to a connection pooler that shares sessions, such as pgbouncer in transaction mode. "
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

    /// <summary>Releases the lock, and stops the private PostgreSQL if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lock.DisposeAsync();
        await _dataSource.DisposeAsync();
        if (_settings is not { PostgresData: { } data, PostgresScript: { } script }) return;

        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(script);
        start.ArgumentList.Add("stop");
        start.ArgumentList.Add(data);
        using var stop = Process.Start(start);
        if (stop is not null) await stop.WaitForExitAsync();
    }
}
